"""What the address says, read and written in one place."""

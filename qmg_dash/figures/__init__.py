"""What the numbers are, and what is said of them. Knows no file and no screen."""

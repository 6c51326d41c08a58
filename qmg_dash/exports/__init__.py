"""Files that leave the dashboard."""

"""The deck of a meeting, its keys, and its file."""

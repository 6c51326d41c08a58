"""A screen at a desk."""

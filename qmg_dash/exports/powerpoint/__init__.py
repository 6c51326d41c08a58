"""Slides as PowerPoint: a slide's own markup and style sheets, laid out once more and put down as
shapes, tables and charts that can be edited."""

"""Clerk-made workbooks and CSV files → clean tables of a data folder.

sheets     a file's bytes → sheets of cells            } in a process of its own
marking    the sender's workbook with its faults       } (worker, apart)
recognise  a sheet → which table, which column is which
cells      a cell, a row → the standard forms
merge      rows sent + rows there → the table's next content, and the difference
plan       files + folder → what an import would do, or why not; publishing it
template   the empty workbook
"""

"""A data folder: read, checked, kept, published into. Knows files and DuckDB, and of no KPI what it means."""

"""Everything that draws on a screen; with pages, app and server the only code that imports
Streamlit."""

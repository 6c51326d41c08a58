"""The dashboard's entry: `streamlit run app.py`, or server.py, which compresses and guards."""

from qmg_dash.ui import app

app.run()

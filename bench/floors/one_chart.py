"""The second floor: one small chart that answers to one widget, on Plotly's empty template."""

import plotly.graph_objects as go
import streamlit as st

st.set_page_config(page_title="one chart", layout="wide")
area = st.selectbox("Area", ["a", "b"], key="area")
chart = go.Figure(go.Bar(x=["x", "y", "z"], y=[3, 1, 2] if area == "a" else [1, 2, 3]))
chart.update_layout(template="none")
st.plotly_chart(chart, theme=None, key="chart", config={"displayModeBar": False}, alt="bars")

"""The first floor: what Streamlit itself costs. A widget and what it says, nothing else."""

import streamlit as st

st.set_page_config(page_title="blank", layout="wide")
st.text(st.selectbox("Area", ["a", "b"], key="area"))

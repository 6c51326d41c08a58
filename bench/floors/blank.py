"""The first floor: what Streamlit itself costs. One widget to change, nothing else."""

import streamlit as st

st.set_page_config(page_title="blank", layout="wide")
st.selectbox("Area", ["a", "b"], key="area")

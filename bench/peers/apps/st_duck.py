import streamlit as st
from common import ALL, AREAS, asked, connect, figures, numbers

st.set_page_config(page_title="台账", layout="wide")
con = st.cache_resource(connect)()


@st.cache_data(show_spinner=False)
def build(area):
    one, groups = asked(con.cursor(), area)
    return one, figures(groups, area)


area = st.selectbox("执法领域", [ALL, *AREAS], key="area")
one, figs = build(area)
for column, (label, value) in zip(st.columns(4), numbers(one), strict=False):
    column.metric(label, value)
for n, (column, figure) in enumerate(zip(st.columns(3), figs, strict=False)):
    column.plotly_chart(figure, key=f"f{n}")

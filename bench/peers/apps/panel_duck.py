import panel as pn
from common import ALL, AREAS, asked, connect, figures, numbers

pn.extension("plotly")
con = pn.state.cache.setdefault("con", connect())
select = pn.widgets.Select(name="执法领域", options=[ALL, *AREAS], value=ALL)
one, groups = asked(con.cursor(), ALL)
texts = [pn.pane.Markdown(f"{k}\n## {v}") for k, v in numbers(one)]
plots = [pn.pane.Plotly(f, width=600, height=320) for f in figures(groups, ALL)]


def change(event):
    one, groups = asked(con.cursor(), event.new)
    for text, (k, v) in zip(texts, numbers(one), strict=False):
        text.object = f"{k}\n## {v}"
    for plot, figure in zip(plots, figures(groups, event.new), strict=False):
        plot.object = figure


select.param.watch(change, "value")
pn.Column(select, pn.Row(*texts), pn.Row(*plots), sizing_mode="stretch_width").servable(
    title="台账"
)

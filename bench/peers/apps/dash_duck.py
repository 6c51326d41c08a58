from common import ALL, AREAS, asked, connect, figures, numbers
from dash import Dash, Input, Output, dcc, html

con = connect()
app = Dash(__name__, title="台账")
server = app.server
app.layout = html.Div(
    [
        dcc.Dropdown([ALL, *AREAS], ALL, id="area", clearable=False),
        html.Div(id="numbers", style={"display": "flex", "gap": "40px", "fontSize": "24px"}),
        html.Div(
            [dcc.Graph(id=f"f{n}", style={"width": "33%"}) for n in range(3)],
            style={"display": "flex"},
        ),
    ]
)


@app.callback(
    Output("numbers", "children"),
    *[Output(f"f{n}", "figure") for n in range(3)],
    Input("area", "value"),
)
def change(area):
    one, groups = asked(con.cursor(), area)
    return [html.Div([html.Div(k), html.B(v)]) for k, v in numbers(one)], *figures(groups, area)

"""What every peer shows: four numbers and three figures of one ledger, filtered by area."""

import os

import duckdb
import plotly.graph_objects as go

ALL = "全部"
AREAS = ["安全生产", "城市管理", "应急处置", "交通运输", "生态环境"]
SOURCE = os.environ["PEERS_PARQUET"]
LAYOUT = {"height": 320, "margin": {"l": 90, "r": 10, "t": 40, "b": 30}}


def connect():
    con = duckdb.connect()
    con.execute("SET threads = 2")
    return con


def asked(cur, area):
    """The numbers and the three groupings of an area."""
    where, values = ("", []) if area == ALL else (" WHERE area = ?", [area])
    source = f"read_parquet('{SOURCE}')"
    one = cur.execute(
        f"SELECT count(*), count(*) FILTER (type = '行政处罚'), sum(fine), median(days) FROM {source}{where}",
        values,
    ).fetchone()
    groups = [
        cur.execute(
            f"SELECT {by} k, count(*) n FROM {source}{where} GROUP BY 1 ORDER BY {order}", values
        ).fetchall()
        for by, order in (("type", "n"), ("strftime(day, '%Y-%m')", "1"), ("area", "n"))
    ]
    return one, [tuple(map(list, zip(*g, strict=False))) for g in groups]


def numbers(one):
    labels = ("执法行为", "行政处罚案件", "罚没金额", "处罚办理天数中位数")
    return [(label, f"{value or 0:,.0f}") for label, value in zip(labels, one, strict=False)]


def figures(groups, area):
    kinds, months, areas = groups

    def bar(what, kv):
        return go.Figure(
            go.Bar(x=kv[1], y=kv[0], orientation="h"),
            layout={**LAYOUT, "title": {"text": f"{what}·{area}"}},
        )

    line = go.Figure(
        go.Scatter(x=months[0], y=months[1], mode="lines+markers"),
        layout={**LAYOUT, "title": {"text": f"月度·{area}"}},
    )
    return [bar("类型", kinds), line, bar("领域", areas)]

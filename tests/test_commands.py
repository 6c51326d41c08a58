"""python -m qmg_dash kpi and check: JSON keys, exit statuses, what is refused (DATA.md section 5)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import folders
import pytest
from click.testing import CliRunner, Result

from qmg_dash.__main__ import cli
from qmg_dash.kpis import KPIS, disclosure

ROOT = Path(__file__).parents[1]
FIGURE_KEYS = [
    "code",
    "dimension",
    "label",
    "year",
    "value",
    "qualifier",
    "text",
    "unit",
    "basis",
    "nature",
    "reported",
    "ledger",
    "definition",
    "sources",
    "as_of",
    "data_version",
]
FAULT_KEYS = ["severity", "file", "row", "column", "value", "rule", "message"]


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another town with a few rows in every table; nothing here changes it."""
    return folders.second_town(tmp_path_factory.mktemp("second"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def figures(*arguments: object) -> list[dict]:
    result = run("kpi", "--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def faults(folder: Path, status: int) -> list[dict]:
    result = run("check", "--json", "--data", folder)
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


# ---------------------------------------------------------------- kpi


def test_each_figure_has_exactly_the_keys_of_the_contract(second: Path):
    found = figures("--data", second)
    assert len(found) > len(KPIS)
    for figure in found:
        assert list(figure) == FIGURE_KEYS
        assert figure["basis"] in ("reported", "ledger", "none")
        assert figure["nature"] == "official"
        assert all(isinstance(figure[k], str) for k in ("text", "definition", "data_version"))


def test_a_source_is_a_file_with_its_locator_or_with_its_rows(second: Path):
    found = [f for f in figures("--data", second) if f["sources"]]
    reported = [s for f in found if f["basis"] == "reported" for s in f["sources"]]
    counted = [s for f in found if f["basis"] == "ledger" for s in f["sources"]]
    assert {"file": "reported.csv", "locator": "一（一）"} in reported
    assert {"file": "ledgers/enforcement_actions.csv", "rows": 3} in counted
    assert {tuple(s) for s in reported} == {("file", "locator")}
    assert {tuple(s) for s in counted} == {("file", "rows")}


def one(second: Path, code: str, dimension: str = "", year: int = 2023) -> dict:
    found = figures("--data", second, "--year", year, "--code", code)
    (figure,) = [f for f in found if f["dimension"] == dimension]
    return figure


def test_a_published_figure_leads_and_the_counted_one_stands_beside(second: Path):
    contracts = one(second, "review.contracts")
    assert (contracts["value"], contracts["qualifier"], contracts["text"]) == (80, "余", "80余件")
    assert (contracts["basis"], contracts["reported"], contracts["ledger"]) == ("reported", 80, 0)
    powers = one(second, "power.items", "行政处罚")
    assert (powers["value"], powers["reported"], powers["ledger"]) == (36, 36, 1)


def test_a_counted_figure_has_no_published_value(second: Path):
    actions = one(second, "enforcement.penalties")
    assert (actions["value"], actions["reported"], actions["ledger"]) == (2, None, 2)
    assert (actions["text"], actions["unit"], actions["basis"]) == ("2件", "件", "ledger")
    assert one(second, "enforcement.fines", year=2023)["value"] == 1434.5


def test_no_data_is_null_and_never_0(second: Path):
    for code in ("adviser.count", "disclosure.t2.fees", "cases.leader_attendance_rate"):
        figure = one(second, code)
        assert (figure["value"], figure["reported"], figure["ledger"]) == (None, None, None)
        assert (figure["basis"], figure["sources"], figure["text"]) == ("none", [], "无数据")


def test_a_year_names_the_goals_of_that_year(second: Path):
    assert one(second, "goals.total")["value"] == 1
    assert one(second, "goals.total", year=2022)["value"] is None


def test_all_years_are_listed_unless_one_is_named(second: Path):
    years = {f["year"] for f in figures("--data", second, "--code", "enforcement.actions")}
    assert years == {2022, 2023}
    named = figures("--data", second, "--code", "enforcement.actions", "--year", 2019)
    assert [(f["year"], f["value"]) for f in named] == [(2019, None)]


def test_codes_are_listed_in_the_order_asked_and_once(second: Path):
    asked = ("--code", "power.total", "--code", "enforcement.actions", "--code", "power.total")
    found = [
        f["code"] for f in figures("--data", second, "--year", 2023, *asked) if not f["dimension"]
    ]
    assert found == ["power.total", "enforcement.actions"]


def test_parts_that_a_ledger_has_stand_in_order_whatever_the_file_s(tmp_path: Path):
    """A published split may leave out parts; they follow as the KPI declares them, then by name."""
    kinds = ["行政检查", "别的", "行政确认", "行政奖励", "一般", "行政给付", "行政强制"]
    check = {"opened_on": "2023-03-01"}
    rows = [check | {"action_no": f"Z{i}", "action_type": k} for i, k in enumerate(kinds)]
    folders.put_town(tmp_path)
    folders.put_table(tmp_path, "enforcement_actions", rows)
    said = {"indicator": "enforcement.actions", "value": "3", "source": "报告", "year": "2023"}
    folders.put_table(tmp_path, "reported", [said | {"dimension": "行政检查"}])
    asked = figures("--data", tmp_path, "--year", 2023, "--code", "enforcement.actions")
    found = [f["dimension"] for f in asked if f["dimension"] and "=" not in f["dimension"]]
    named = ["行政检查", "行政强制", "行政给付", "行政确认", "行政奖励", "一般", "别的"]
    assert found == named


def test_every_kpi_has_its_total_even_where_there_is_no_data(tmp_path: Path):
    folders.put_town(tmp_path)
    found = figures("--data", tmp_path, "--year", 2023)
    assert [(f["code"], f["dimension"]) for f in found] == [(k.code, "") for k in KPIS]
    assert {f["value"] for f in found} == {None}


def test_the_statutory_total_is_one_figure_under_both_its_names(tmp_path: Path):
    folders.town(tmp_path, "applications")
    row = {"year": 2023, "indicator": "disclosure.t3.new", "value": 5, "source": "年度报告"}
    folders.put_table(tmp_path, "reported", [row])
    for dimension in ("", disclosure.TOTAL):
        figure = one(tmp_path, "disclosure.t3.new", dimension)
        assert (figure["value"], figure["reported"], figure["ledger"]) == (5, 5, 2)
    assert one(tmp_path, "disclosure.t3.new", "商业企业")["value"] == 1
    assert one(tmp_path, "disclosure.t3.granted", disclosure.TOTAL)["value"] == 1


def test_table_2_of_the_2019_form_is_listed_as_published(tmp_path: Path):
    folders.put_town(tmp_path)
    code = f"{disclosure.T2_2019}规章.对外公开总数"
    row = {"year": 2022, "indicator": code, "value": 0, "source": "年报"}
    folders.put_table(tmp_path, "reported", [row])
    (figure,) = [f for f in figures("--data", tmp_path) if f["code"] == code]
    assert (figure["value"], figure["basis"]) == (0, "reported")


def test_a_demo_folder_says_so_at_every_figure(tmp_path: Path):
    folders.town(tmp_path, "reported", nature="demo")
    assert {f["nature"] for f in figures("--data", tmp_path)} == {"demo"}
    assert "演示" in run("kpi", "--data", tmp_path, "--code", "review.contracts").output


def test_without_json_a_line_has_code_text_basis_and_place(second: Path):
    result = run("kpi", "--data", second, "--year", 2023, "--code", "power.items")
    (line,) = [x for x in result.output.splitlines() if "行政处罚" in x and "报告" in x]
    cells = [
        "2023",
        "power.items 行政处罚",
        "各类权力事项·行政处罚",
        "36项",
        "报告",
        "正式",
        "一（一）",
    ]
    assert line.split("\t") == cells
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--code", "no.such"], "没有指标 no.such"),
        (["--code", ""], "没有指标"),
        (["--code", "disclosure.t2_2019."], "没有指标"),
        (["--year", "二〇二二"], "二〇二二"),
        (["--year", "9999"], "9999"),
        (["--year", "0"], "0"),
        (["--nonsense"], "--nonsense"),
        (["surplus"], "surplus"),
    ],
)
def test_a_usage_error_exits_2_and_says_why(second: Path, arguments: list[str], said: str):
    result = run("kpi", "--data", second, *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["kpi", "check"])
@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_no_such_folder_exits_2(tmp_path: Path, command: str, json_too: list[str]):
    for missing in (tmp_path / "none", folders.put(tmp_path / "file", "")):
        result = run(command, *json_too, "--data", missing)
        assert result.exit_code == 2
        assert str(missing) in result.output
        assert result.stdout == ""


def test_a_folder_without_a_town_has_no_figures_and_says_why(tmp_path: Path):
    result = run("kpi", "--data", tmp_path)
    assert result.exit_code == 2
    assert "town.toml" in result.output


# ---------------------------------------------------------------- check


def test_a_clean_folder_exits_0(tmp_path: Path):
    folders.town(tmp_path, *(t for t in folders.GOOD if t not in ("reported", "disputes")))
    assert faults(tmp_path, 0) == []
    result = run("check", "--data", tmp_path)
    assert (result.exit_code, result.output) == (0, "没有发现问题。\n")


def test_published_figures_that_no_ledger_bears_out_and_late_ledgers_are_warnings(second: Path):
    """The second town has published 36 powers and 80余 contracts, its ledgers have one and none;
    its disputes are kept by the month, the newest is of 1 July, the clock says 31 December."""
    found = faults(second, 0)
    assert [(f["rule"], f["file"], f["row"]) for f in found] == [
        ("对账", "reported.csv", 2),
        ("对账", "reported.csv", 3),
        ("更新", "ledgers/disputes.csv", None),
    ]
    assert "公布 36项，台账 1项，差 −35（应相等）" in found[0]["message"]
    assert "公布 80余件，台账 0件，差 −80（应多于 80、少于 90）" in found[1]["message"]
    assert "按月更新，已迟 122 天；最新一条的登记日期是 2023-07-01" in found[2]["message"]


def test_warnings_alone_exit_0_and_have_exactly_the_keys_of_the_contract(tmp_path: Path):
    folders.put_town(tmp_path)
    decided = {"held_on": "2023/3/5", "major": "否", "result": "通过"}
    folders.put_table(tmp_path, "decisions", [{"topic_no": "T1"} | decided])
    (fault,) = faults(tmp_path, 0)
    assert list(fault) == FAULT_KEYS
    assert (fault["severity"], fault["file"], fault["row"]) == (
        "warning",
        "ledgers/decisions.csv",
        2,
    )
    assert (fault["column"], fault["value"]) == ("会议日期", "2023/3/5")
    assert fault["message"]


def test_an_error_exits_1(tmp_path: Path):
    folders.put_town(tmp_path)
    wrong = {"topic_no": "T1", "held_on": "2023-02-30", "major": "否", "result": "通过"}
    folders.put_table(tmp_path, "decisions", [wrong])
    (fault,) = faults(tmp_path, 1)
    assert (fault["severity"], fault["rule"], fault["value"]) == ("error", "日期", "2023-02-30")
    line = run("check", "--data", tmp_path).output
    assert line.startswith("错误\tledgers/decisions.csv 第 2 行「会议日期」“2023-02-30”\t日期\t")


def test_a_fault_of_a_whole_file_has_no_row(tmp_path: Path):
    folders.put_town(tmp_path)
    folders.put(tmp_path / "ledgers" / "decisions.csv", "议题编号\r\nT1\r\n")
    found = faults(tmp_path, 1)
    assert {f["row"] for f in found} == {None}
    assert "会议日期" in {f["column"] for f in found}


def test_a_broken_identity_is_listed_with_the_row_of_its_cell(tmp_path: Path):
    folders.put_town(tmp_path)
    parts = [("power.total", "", 5), ("power.items", "行政处罚", 3), ("power.items", "行政许可", 1)]
    rows = [
        {"year": 2022, "indicator": c, "dimension": d, "value": v, "source": "年度报告"}
        for c, d, v in parts
    ]
    folders.put_table(tmp_path, "reported", rows)
    (fault,) = faults(tmp_path, 1)
    assert (fault["rule"], fault["row"], fault["value"]) == ("SUM", 2, "5")
    assert "应为 4" in fault["message"]


def test_a_folder_without_a_town_is_a_fault_of_the_folder(tmp_path: Path):
    (fault,) = faults(tmp_path, 1)
    assert (fault["severity"], fault["file"]) == ("error", "town.toml")


def test_the_shipped_folder_has_no_fault():
    assert faults(ROOT / "data", 0) == []


# ---------------------------------------------------------------- the folder that is meant


def test_the_option_beats_the_environment_which_beats_the_shipped_folder(
    second: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    code = ("--year", 2022, "--code", "power.total")
    monkeypatch.delenv("QMG_DATA_DIR", raising=False)
    assert figures(*code)[0]["value"] == 123
    monkeypatch.setenv("QMG_DATA_DIR", str(folders.town(tmp_path)))
    assert figures(*code)[0]["value"] is None
    assert figures("--data", ROOT / "data", *code)[0]["value"] == 123


def test_the_module_runs_as_a_command(second: Path):
    """Once for real: what other programs call, in a locale that knows no Chinese."""
    arguments = ["kpi", "--json", "--year", "2023", "--code", "review.contracts"]
    result = subprocess.run(
        [sys.executable, "-m", "qmg_dash", *arguments, "--data", str(second)],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr.decode()
    found = json.loads(result.stdout.decode("utf-8"))
    assert [f["text"] for f in found if not f["dimension"]] == ["80余件"]

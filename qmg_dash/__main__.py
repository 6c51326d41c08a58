"""The commands: `python -m qmg_dash kpi`, `check`, `demo`, `template`, `import`, `passphrase`,
`snapshot` and so on (DATA.md section 5)."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click

from qmg_dash import beijing, fmt, whole
from qmg_dash import demo as demo_town
from qmg_dash.exports import definitions
from qmg_dash.figures import listing
from qmg_dash.figures.faults import all_faults
from qmg_dash.folder import history, publishing, store
from qmg_dash.folder.cells import EARLIEST, LATEST
from qmg_dash.folder.scan import resolve
from qmg_dash.folder.tally import LISTED
from qmg_dash.gate import ROLES, Role, home, passphrase, table
from qmg_dash.intake import plan as intake
from qmg_dash.intake import profile, report, returned
from qmg_dash.intake.template import template as empty_workbook
from qmg_dash.kpis import kpi
from qmg_dash.model import DataError, Fault, Figure, UnknownName, why

USAGE, FAULTY, REFUSED = 2, 1, 1
data_option = click.option("--data", metavar="目录", help="数据文件夹；默认 QMG_DATA_DIR 或 data/")
json_option = click.option("--json", "as_json", is_flag=True, help="输出 JSON")


@click.group(help="法治政府建设看板的命令")
def cli() -> None:
    """The group of commands."""


def _say(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _folder(data: str | None) -> Path:
    folder = resolve(data)
    if not folder.is_dir():
        raise click.UsageError(f"没有这个数据文件夹：{folder}")
    return folder


@cli.command("kpi", help="列出指标；不写年度为全部年度")
@data_option
@click.option("--year", type=click.IntRange(EARLIEST.year, LATEST.year), metavar="年度")
@click.option("--code", "codes", multiple=True, metavar="指标代码")
@json_option
def list_kpis(data: str | None, year: int | None, codes: tuple[str, ...], as_json: bool) -> None:
    """KPIs of one year or all; 2 for an unknown code or a folder that cannot be read."""
    try:
        for code in codes:
            kpi(code)
        snapshot = store.load(_folder(data))
    except UnknownName as unknown:
        raise click.UsageError(str(unknown)) from None
    except DataError as fault:
        raise click.UsageError(str(fault)) from None
    years = [year] if year is not None else listing.years(snapshot)
    found = [f for y in years for f in listing.figures(snapshot, y, codes)]
    if as_json:
        _say([listing.record(f) for f in found])
    else:
        click.echo("\n".join(_line(f) for f in found))


def _line(f: Figure) -> str:
    basis = {"reported": "报告", "ledger": "台账", "none": "—"}[f.basis]
    nature = "演示" if f.nature == "demo" else "正式"
    places = "、".join(dict.fromkeys(s.locator or s.file for s in f.sources))
    name = f"{f.code} {f.dimension}".strip()
    return f"{f.year}\t{name}\t{f.label}\t{fmt.text(f)}\t{basis}\t{nature}\t{places}"


@cli.command(help="检查数据文件夹，列出全部问题")
@data_option
@json_option
@click.pass_context
def check(context: click.Context, data: str | None, as_json: bool) -> None:
    """Every fault; 0 clean or warnings only, 1 errors, 2 no such folder."""
    found = _faults(_folder(data))
    if as_json:
        _say([asdict(f) for f in found])
    else:
        click.echo("\n".join(_fault(f) for f in found) or "没有发现问题。")
    context.exit(FAULTY if any(f.severity == "error" for f in found) else 0)


@cli.command(help="生成演示数据文件夹（虚构的示例镇）")
@click.option("--out", required=True, metavar="目录", help="不存在或为空的目录")
@click.option("--rows", type=int, default=2000, show_default=True, help="执法行为的行数")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--years", default="2022,2023", show_default=True, help="逗号分隔的年度")
@click.option("--format", "form", type=click.Choice(demo_town.FORMATS), default="csv")
def demo(out: str, rows: int, seed: int, years: str, form: str) -> None:
    """A synthetic folder; 2 where it cannot be made as asked."""
    try:
        span = tuple(int(y) for y in years.split(","))
    except ValueError:
        raise click.UsageError(f"年度应写成 2022,2023 这样：{years}") from None
    try:
        demo_town.write_demo(Path(out), rows, seed, span, form)  # type: ignore[arg-type]
    except demo_town.DemoError as refused:
        raise click.UsageError(str(refused)) from None
    except OSError as e:
        raise click.UsageError(f"写不了 {out}（{why(e)}），已写的请删去") from None
    click.echo(f"演示数据已写入 {out}")


@cli.command("definitions", help="导出指标口径；.docx 为 Word，其他为 Markdown")
@data_option
@click.option("--out", required=True, metavar="文件", type=click.Path(dir_okay=False))
def write_definitions(data: str | None, out: str) -> None:
    """The definitions as a file; 2 where the folder cannot be read."""
    try:
        snapshot = store.load(_folder(data))
    except DataError as fault:
        raise click.UsageError(str(fault)) from None
    path = Path(out)
    word = path.suffix.lower() == ".docx"
    content = definitions.to_docx(snapshot) if word else definitions.to_markdown(snapshot).encode()
    try:
        whole.write(path, content)
    except OSError as e:
        raise click.UsageError(f"写不了 {path}（{why(e)}）") from None
    click.echo(f"指标口径已写入 {path}")


@cli.command(help="会议快照：一次会议做成一个网页文件，双击打开，不用联网")
@data_option
@click.option(
    "--out", required=True, metavar="文件.html", type=click.Path(dir_okay=False, path_type=Path)
)
@click.option("--name", default="", metavar="会议名称", help="默认用议程里的名称")
@click.option("--agenda", default="", metavar="议程", help="同链接里的写法；默认全部屏幕")
@click.option("--year", type=int, metavar="年度", help="默认有数字的最新一年")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
def snapshot(
    data: str | None, out: Path, name: str, agenda: str, year: int | None, theme: str
) -> None:
    """A meeting as one file; 2 where it cannot be made as asked."""
    folder = _folder(data)
    from qmg_dash.ui.meeting import (
        single_file,  # imports Streamlit, a second: no other command waits for it
    )

    try:
        told: list[str] = []
        scope = single_file.asked(store.load(folder), year, agenda, theme == "dark", told.append)
        made = single_file.make(scope, name, beijing.today())
        whole.write(out, made)
    except (DataError, single_file.Refused) as refused:
        raise click.UsageError(str(refused)) from None
    except OSError as e:
        raise click.UsageError(
            f"写不了 {out}（{e.strerror}）：请检查文件夹、权限和磁盘空间"
        ) from None
    for sentence in told:
        click.echo(f"提醒：{sentence}", err=True)
    click.echo(f"会议快照已写入 {out}（{len(made) / 1e6:.1f} MB）")


@cli.command(help="会议幻灯片：一次会议做成一个可编辑的 PowerPoint 文件")
@data_option
@click.option(
    "--out", required=True, metavar="文件.pptx", type=click.Path(dir_okay=False, path_type=Path)
)
@click.option("--name", default="", metavar="会议名称", help="默认用议程里的名称")
@click.option("--agenda", default="", metavar="议程", help="同链接里的写法；默认全部屏幕")
@click.option("--year", type=int, metavar="年度", help="默认有数字的最新一年")
@click.pass_context
def slides(
    context: click.Context, data: str | None, out: Path, name: str, agenda: str, year: int | None
) -> None:
    """A meeting as slides; 1 where there is nothing to show as asked, 2 wrong use."""
    folder = _folder(data)
    from qmg_dash.ui.meeting import powerpoint, single_file  # as for `snapshot`

    told: list[str] = []
    try:
        scope = single_file.asked(store.load(folder), year, agenda, False, told.append)
        with click.progressbar(length=100, label="会议幻灯片", file=sys.stderr) as bar:
            made = powerpoint.make(
                scope, name, beijing.today(), lambda share: bar.update(int(100 * share) - bar.pos)
            )
        whole.write(out, made)
    except single_file.Refused as refused:
        click.echo(f"没有做成：{refused}", err=True)
        context.exit(REFUSED)
    except DataError as fault:
        raise click.UsageError(str(fault)) from None
    except OSError as e:
        raise click.UsageError(f"写不了 {out}（{why(e)}）") from None
    for sentence in told:
        click.echo(f"提醒：{sentence}", err=True)
    click.echo(f"会议幻灯片已写入 {out}（{len(made) / 1e6:.1f} MB）")


@cli.command(help="生成空白的填报模板")
@click.option("--out", required=True, metavar="文件.xlsx", type=click.Path(path_type=Path))
def template(out: Path) -> None:
    """An empty workbook, a sheet a table; 2 where the file is there already: it may be filled in."""
    if out.exists():
        raise click.UsageError(f"{out} 已经存在，不覆盖：请换一个名字")
    try:
        whole.write(out, empty_workbook())
    except OSError as e:
        raise click.UsageError(f"写不了 {out}（{why(e)}）") from None
    click.echo(f"模板已写入 {out}")


@cli.command("import", help="把表格文件导入数据文件夹，要么全部导入，要么什么都不改")
@click.argument("files", nargs=-1, metavar="文件…", type=click.Path(path_type=Path))
@data_option
@click.option("--dry-run", is_flag=True, help="只看会改什么，不改")
@click.option("--reason", default="", metavar="原因", help="公布数有改动时必填，记入更正记录")
@click.option("--by", default="", metavar="经办", help="公布数有改动时必填，记入更正记录")
@click.option("--replace", "whole", is_flag=True, help="整表替换：文件里没有的行从表中删除")
@click.option(
    "--ignore", multiple=True, metavar="列名", help="这一列不读取；可以写几次，列名照文件里的写"
)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="问的=答的",
    help="回答文件里没有的；可以写几次，会记住",
)
@click.option("--across-years", is_flag=True, help="确认有行要从一年改到另一年")
@click.option("--undo", is_flag=True, help="撤销最近一次导入")
@click.pass_context
def import_files(
    context: click.Context,
    files: tuple[Path, ...],
    data: str | None,
    dry_run: bool,
    reason: str,
    by: str,
    whole: bool,
    ignore: tuple[str, ...],
    answers: tuple[str, ...],
    across_years: bool,
    undo: bool,
) -> None:
    """0 imported (or nothing to change), 1 refused, 2 wrong use or no such folder."""
    if undo == bool(files) or (undo and (dry_run or whole or ignore or answers or across_years)):
        raise click.UsageError("请写上要导入的文件，或只写 --undo")
    told = _answers(answers)
    folder = _folder(data)
    try:
        if undo:
            _keep(folder)
            click.echo("已恢复。" + report.version(publishing.undo(folder, by)))
            _keep(folder)
            return
        everything = _sent(files)
        holding, replaced = returned.current([s.name for s in everything])
        for old, new in replaced:
            click.echo(report.replaced(old, new))
        sent = [everything[n] for n in holding]
        plan = intake.make(
            sent, folder, whole, lambda step: click.echo(f"{step}…", err=True), ignore, told
        )
        _show(plan)
        if plan.problems:
            _return(plan, dict(zip((s.name for s in everything), files, strict=True)))
        if plan.refused:
            context.exit(REFUSED)
        if not dry_run:
            _publish(plan, reason, by, across_years)
    except DataError as fault:
        raise click.UsageError(str(fault)) from None
    except history.Refused as refused:
        click.echo(f"没有{'撤销' if undo else '导入'}：{refused}", err=True)
        context.exit(REFUSED)


def _answers(written: Sequence[str]) -> dict[str, str]:
    """What is answered, by what was asked."""
    told = {}
    for answer in written:
        key, equals, value = answer.replace("＝", "=").partition("=")
        if not (key.strip() and equals and value.strip()):
            raise click.UsageError(f"--answer 应写成 问的=答的，例如 清单版本=2023-06-01：{answer}")
        told[key.strip()] = value.strip()
    return told


def _sent(files: Sequence[Path]) -> list[intake.Sent]:
    """The files as they were sent; of two with the same name, each with its path."""
    names = Counter(f.name for f in files)
    try:
        return [
            intake.Sent(f.name if names[f.name] == 1 else str(f), f.read_bytes()) for f in files
        ]
    except OSError as e:
        raise click.UsageError(f"读不了 {e.filename}（{why(e)}）") from None


def _show(plan: intake.Plan) -> None:
    for r in plan.readings:
        click.echo(f"{r.file} 自动识别：")
        click.echo("".join(f"  {note}\n" for note in r.notes), nl=False)
    told = [*(_problem(g) for g in report.grouped(plan.problems)), *map(_fault, plan.warnings)]
    for line in told[:LISTED]:
        click.echo(line)
    if len(told) > LISTED:
        click.echo(f"……共 {len(told)} 条，这里列出前 {LISTED} 条")
    for line in report.asked(plan):
        click.echo(line)
    for name in plan.answers.unmet:
        click.echo(f"没有问到“{name}”，这个回答没有用上")
    if not plan.refused:
        click.echo("\n".join(report.difference(plan)) or "没有要导入的行。")
        for sentence in report.turned(plan):
            click.echo(f"注意\t{sentence}")


def _problem(group: report.Same) -> str:
    rows = f"（第 {report.rows_of(group)} 行）" if len(group.places) > 1 else ""
    return _fault(group.fault) + rows


def _return(plan: intake.Plan, paths: Mapping[str, Path]) -> None:
    """Write the marked workbooks beside the files, whose paths are known by their names."""
    click.echo(f"没有导入：共 {len(plan.problems)} 处问题，数据文件夹没有任何改动。", err=True)
    for sent in plan.sent:
        if plan.problems_of(sent):
            try:
                beside = returned.write(plan, sent, paths[sent.name])
                click.echo(f"标出问题的工作簿：{beside}")
            except OSError as e:
                click.echo(f"标出问题的工作簿写不下来（{why(e)}）", err=True)


def _keep(folder: Path) -> None:
    """Keep the data as a version to compare with; a folder that cannot be read has none."""
    with suppress(DataError):
        history.keep(store.load(folder))


def _publish(plan: intake.Plan, reason: str, by: str, across_years: bool) -> None:
    if plan.turned and not across_years:
        raise history.Refused(
            "有行从一年改到另一年（见上面的“注意”）：确实要改，请加 --across-years"
        )
    if plan.corrections and sys.stdin.isatty():
        reason = reason or click.prompt("公布数有改动。改动的原因")
        by = by or click.prompt("经办")
    _keep(plan.folder)
    done = intake.publish(plan, by, reason, across_years)
    _keep(plan.folder)
    click.echo(f"已导入。{report.version(done)}" if done else "没有变化，数据文件夹未改动。")


@cli.command("passphrase", help="设置分享看板用的口令（只保存散列值）；供脚本用时从标准输入读一行")
@click.option(
    "--role",
    type=click.Choice(list(ROLES)),
    default="view",
    show_default=True,
    help="view 查看，edit 编辑（另可导入、更正、撤销）",
)
@click.option("--stdin", "from_stdin", is_flag=True, help="从标准输入读一行，不提示")
def set_passphrase(role: Role, from_stdin: bool) -> None:
    """Set one of the two passphrases; 2 where it will not do. Who came in by the old one is out."""
    words = ROLES[role]
    if from_stdin:
        phrase = _line_read()
    else:
        phrase = click.prompt(f"新的{words}口令", hide_input=True, confirmation_prompt="再输一次")
    place = home.resolve()
    try:
        home.ready(place, resolve(None))
        passphrase.choose(place, role, phrase)
        gone = table.end_all(place.sessions, role)
    except (home.GateError, ValueError) as refused:
        raise click.UsageError(str(refused)) from None
    except (OSError, sqlite3.Error) as refused:
        raise click.UsageError(f"口令没有设置（{refused}）：请检查磁盘空间和权限。") from None
    click.echo(f"{words}口令已设置，散列值在 {place.passphrases}")
    if gone:
        click.echo(f"用旧口令登录的 {gone} 人要重新登录。")


def _line_read() -> str:
    """A line from standard input: UTF-8, whatever the system's own encoding is."""
    try:
        return sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.UsageError("标准输入不是 UTF-8。") from None


def _faults(folder: Path) -> tuple[Fault, ...]:
    _, own = profile.of_folder(folder)
    try:
        return (*all_faults(store.load(folder)), *own)
    except DataError as fault:
        return (*fault.faults, *own)


def _fault(f: Fault) -> str:
    level = "错误" if f.severity == "error" else "提醒"
    column = f"「{f.column}」" if f.column else ""
    value = f"“{f.value}”" if f.value else ""
    return f"{level}\t{f.place}{column}{value}\t{f.rule}\t{f.message}"


if __name__ == "__main__":
    cli(prog_name="python -m qmg_dash")

"""Nine questions that a leader asks, answered as a new user would: how many clicks, how many seconds.

    python bench/questions.py [--only 2,3b] [--url http://127.0.0.1:8501] [--out shots] [--size 1366x768]

Each begins at the desk's first screen, over the demo. A pointing takes 1.1 s, a key 0.28 s (the usual
times of a practised hand); to scroll to what is to be pointed at, or to the answer, is a pointing too,
but no click. What the screen takes to answer stands apart. The exit status is 1 where an answer is not
reached, or not in the clicks that are named for it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from browser import chromium
from playwright.sync_api import Browser, Download, Page
from playwright.sync_api import Error as BrowserError
from serve import ROOT, end_on_sigterm, serving

DEMO = ROOT / "data" / "demo"
SCRIPT = (Path(__file__).parent / "questions.js").read_text(encoding="utf-8")
POINTING, KEY = 1.1, 0.28
PATIENCE = 8.0
"""Seconds in which what is to be pointed at, and an answer, must come."""
ANSWERS = 300
"""Milliseconds in which the screen begins to answer."""
TOGETHER = 400
"""An answer stands together: in so many characters of one part of the screen."""
MENU, DIALOG, PAGE = "menu", "dialog", ""


# ---- what a visitor does --------------------------------------------------------------------------
@dataclass
class Visit:
    """A visitor at the desk, and what it has cost so far."""

    page: Page
    clicks: int = 0
    keys: int = 0
    scrolls: int = 0
    waited: float = 0.0
    saved: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(SCRIPT)
        self.page.on("download", self._saved)

    def _saved(self, download: Download) -> None:
        self.saved.append(download.suggested_filename)

    @property
    def seconds(self) -> float:
        """What hand and eye take."""
        return (self.clicks + self.scrolls) * POINTING + self.keys * KEY

    def asked(self) -> dict[str, list[str]]:
        """What the link says."""
        return parse_qs(urlsplit(self.page.url).query)

    def until(self, what: Callable[[], Any]) -> Any:
        """What comes, waited for; its last word where it does not."""
        began = time.monotonic()
        while not (found := what()) and time.monotonic() - began < PATIENCE:
            self.page.wait_for_timeout(100)
        self.waited += time.monotonic() - began
        return found

    def settle(self) -> None:
        """Wait until the screen has answered."""
        rest = (
            "() => [document.querySelector('[data-testid=stApp]')?.dataset.testScriptState,"
            " location.href, document.body.innerHTML.length]"
        )
        self.page.wait_for_timeout(ANSWERS)
        last = [None]

        def still() -> bool:
            now = self.page.evaluate(rest)
            same, last[:] = now == last and now[0] in ("notRunning", None), now
            return same

        self.until(still)


class Unreachable(Exception):
    """There is nothing to point at."""


Step = Callable[[Visit], None]
Seen = Callable[[Visit], str]
"""What is missing of an answer; nothing where it is there."""


def point(words: str, near: str = "", place: str = PAGE) -> Step:
    """Point at what says `words` (a pattern), the one closest to what says `near`."""

    def step(visit: Visit) -> None:
        given = [words, near, place]
        aim = "given => window.questions?.aim(...given)"
        if not (at := visit.until(lambda: visit.page.evaluate(aim, given))):
            beside = f"（{near}）" if near else ""
            raise Unreachable(f"没有“{words}”{beside}可点")
        visit.scrolls += at["scrolled"]
        visit.page.mouse.click(at["x"], at["y"])
        visit.clicks += 1

    return step


def menu(title: str) -> Step:
    """Go to a screen by the menu."""
    return point(f"^{title}", place=MENU)


def key(name: str) -> Step:
    """Press a key."""

    def step(visit: Visit) -> None:
        visit.page.keyboard.press(name)
        visit.keys += 1

    return step


def look(visit: Visit) -> None:
    """See the meeting's first slide."""
    visit.until(lambda: visit.page.evaluate("Boolean(document.querySelector('.slide.seen'))"))


def back(visit: Visit) -> None:
    """The browser's Back, which is a pointing."""
    visit.page.evaluate("history.back()")
    visit.clicks += 1


def start(visit: Visit) -> None:
    """The question is asked now: what came before costs nothing."""
    visit.clicks = visit.keys = visit.scrolls = 0
    visit.waited = 0.0


# ---- what must then be seen -----------------------------------------------------------------------
def shows(*patterns: str) -> Seen:
    """The screen says each of these, together in one of its parts; below the fold it costs a scroll."""

    def seen(visit: Visit) -> str:
        given = [list(patterns), TOGETHER]
        where = "given => window.questions?.shown(...given) ?? []"
        visit.until(lambda: (found := visit.page.evaluate(where, given)) and all(found))
        found = visit.page.evaluate(where, given)
        visit.scrolls += "below" in found
        return "、".join(p for p, at in zip(patterns, found, strict=True) if not at)

    return seen


def links(**wanted: str) -> Seen:
    """The address says this; for an empty value, nothing of the key."""

    def seen(visit: Visit) -> str:
        def lacking() -> list[str]:
            asked = visit.asked()
            return [f"{k}={v}" for k, v in wanted.items() if asked.get(k, [""]) != [v]]

        visit.until(lambda: not lacking())
        return "、".join(lacking())

    return seen


def saves(ending: str) -> Seen:
    """A file of this kind has been saved."""

    def seen(visit: Visit) -> str:
        good = visit.until(lambda: any(name.endswith(ending) for name in visit.saved))
        return "" if good else f"{ending} 文件"

    return seen


def meets(slides: int) -> Seen:
    """A meeting runs whose deck has so many slides, and the last one is shown."""

    def seen(visit: Visit) -> str:
        script = "() => window.__meeting?.data.whole && document.querySelector('.slide.seen .page')?.textContent"
        said = visit.until(lambda: visit.page.evaluate(script))
        return "" if said == f"{slides} / {slides}" else f"{slides} 页的会议（{said}）"

    return seen


def all_of(*several: Seen) -> Seen:
    """Each of these."""
    return lambda visit: "；".join(filter(None, [seen(visit) for seen in several]))


# ---- the questions --------------------------------------------------------------------------------
@dataclass(frozen=True)
class Question:
    """A question, the most clicks for it, what is done, what must then be seen; `before` is what was
    done before it was asked."""

    number: str
    text: str
    most: int
    steps: tuple[Step, ...]
    seen: Seen
    before: tuple[Step, ...] = ()


QUARTER = (menu("执法活动"), point("三季度"), point("^安全生产"))
SLIDES = 5
QUESTIONS = (
    Question(
        "1",
        "哪个部门拖得最久？",
        1,
        (menu("需马上处理"),),
        shows(r"^平安建设办公室[\s\S]{0,20}173 ?天"),
    ),
    Question(
        "2",
        "行政处罚为什么变了？",
        2,
        (menu("执法活动"), point("为什么变化", near="行政处罚")),
        shows(
            r"为什么变化", r"综合行政执法大队[\s\S]*(−|减 ?)31", r"应急管理办公室[\s\S]*(\+|增 ?)28"
        ),
    ),
    Question(
        "3a",
        "哪些权力今年没有用过？",
        1,
        (menu("权力清单"),),
        shows(
            r"33 项[\s\S]*未行使|未行使[\s\S]*33 项", r"林木采伐许可|设施农业用地许可|集体活动备案"
        ),
    ),
    Question(
        "3b",
        "哪些权力从某一天起没有用过？",
        3,
        (menu("权力清单"), point("自某月起"), point("^7月", near="2022 年")),
        all_of(
            links(since="2022-07-01"),
            shows("2022-07-01 起", r"\d+ 项[\s\S]*未行使|未行使[\s\S]*\d+ 项"),
        ),
    ),
    Question(
        "4",
        "哪些公开申请快到期，谁办？",
        1,
        (menu("需马上处理"),),
        shows(
            r"公开申请[\s\S]*(剩|还有) ?\d+ ?(个工作日|天)|(剩|还有) ?\d+ ?(个工作日|天)[\s\S]*公开申请",
            r"公开申请[\s\S]*(党政办公室|未登记)",
        ),
    ),
    Question(
        "5",
        "安全生产三季度的链接",
        3,
        QUARTER,
        all_of(links(**{"from": "7", "to": "9", "area": "安全生产"}), shows("安全生产")),
    ),
    Question(
        "6",
        "退回两步",
        2,
        (back, back),
        links(**{"from": "", "to": "", "area": ""}),
        before=QUARTER,
    ),
    Question(
        "7",
        "把明细存成 Excel",
        3,
        (menu("执法活动"), point(r"159|明细", near="行政处罚"), point("Excel", near="每行计")),
        saves(".xlsx"),
    ),
    Question(
        "8",
        "2022 年和 2023 年放在一起看",
        1,
        (point("^2022", near="对比年度", place=MENU),),
        all_of(links(against="2022"), shows(r"2023 ?年[\s\S]*对比 ?2022")),
    ),
    Question(
        "9",
        "选五页开会",
        10,
        (
            point("会议议程"),
            *(point(r"^(?!整屏).*\d", place=DIALOG) for _ in range(SLIDES)),
            point("开始会议"),
            look,
            *(key("PageDown") for _ in range(SLIDES - 1)),
        ),
        meets(SLIDES),
    ),
)


# ---- the run --------------------------------------------------------------------------------------
def answer(browser: Browser, url: str, question: Question, options: argparse.Namespace) -> str:
    """Ask a question, print its row; what is wrong with the answer."""
    width, height = map(int, options.size.split("x"))
    size = {"width": width, "height": height}
    page = browser.new_context(viewport=size, locale="zh-CN", accept_downloads=True).new_page()
    try:
        visit = Visit(page)
        wrong = attempt(visit, url, question)
        if options.out:
            page.screenshot(path=options.out / f"question-{question.number}.png")
    finally:
        page.context.close()
    cost = f"{visit.clicks:2} / {question.most:2} 次点击  {visit.seconds:5.1f} s"
    waits = f"  等 {visit.waited:4.1f} s"
    scrolls = f"  滚动 {visit.scrolls} 次" if visit.scrolls else ""
    print(
        f"{question.number:2}  {cost}{waits}  {question.text}{scrolls}  {wrong or 'ok'}", flush=True
    )
    return wrong


def attempt(visit: Visit, url: str, question: Question) -> str:
    """Do what answers a question; what is wrong, nothing where it is answered in time."""
    try:
        visit.page.goto(url)
        visit.page.wait_for_selector("[data-testid=stSidebarNavLink]")
        visit.page.wait_for_selector("h1")
        for step in (*question.before, start, *question.steps):
            step(visit)
            visit.settle()
        if lacking := question.seen(visit):
            return f"不见：{lacking}"
    except (Unreachable, BrowserError) as why:
        return str(why).splitlines()[0]
    return "点击太多" if visit.clicks > question.most else ""


def main() -> int:
    """Ask all; 1 where one is not answered."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", help="a server over the demo; its own by default")
    parser.add_argument("--only", default="", help="numbers of questions")
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--out", type=Path, help="a folder for a picture of each answer")
    options = parser.parse_args()
    end_on_sigterm()
    only = set(filter(None, options.only.split(",")))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        url = options.url or f"http://127.0.0.1:{stack.enter_context(serving(data=DEMO)).port}"
        browser = stack.enter_context(chromium())
        asked = [q for q in QUESTIONS if not only or q.number in only]
        wrong = [answer(browser, url, question, options) for question in asked]
    failed = len(list(filter(None, wrong)))
    print(f"{len(asked) - failed} of {len(asked)} answered")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

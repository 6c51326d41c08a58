"""A clerk's month at the screen: four exports of other systems chosen, looked at, published.

    python bench/month.py [--out shots]

Over a town with a month's former rows. A pointing takes 1.1 s, a key 0.28 s (the usual times of a
practised hand), a look at what would change LOOK seconds; what the machine takes is measured. The
first time what the files cannot say is answered too, the second time nothing is asked. The exit
status is 1 where it takes longer than three minutes, or where something is asked again.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from browser import chromium
from playwright.sync_api import Locator, Page
from questions import KEY, POINTING
from serve import ROOT, end_on_sigterm, serving

SECRET = "2023"
LOOK = 20.0
"""Seconds in which a clerk reads what was recognised and what would change."""
MOST = 180.0
EXPORTS = ROOT / "tests" / "exports"
MONTH = ("双公示_行政处罚.xlsx", "双公示_行政许可.xlsx", "执法平台_检查.xlsx", "人民调解台账.xlsx")
ONCE = ("权责清单.xlsx", "依申请台账.xlsx")
"""Files that leave something to be asked."""
ANSWERS = (("哪一天批准", "2023-06-01"), ("现在在用吗", "在用"))
CHOICES = (("“法人”是哪一种", "其他"), ("“信息不存在”是哪一种", "本机关不掌握相关政府信息"))


@dataclass
class Clerk:
    """A clerk at the screen, and what it has cost so far."""

    page: Page
    pointings: int = 0
    keys: int = 0
    looks: int = 0
    machine: float = 0.0

    @property
    def seconds(self) -> float:
        return self.pointings * POINTING + self.keys * KEY + self.looks * LOOK + self.machine

    def point(self, at: Locator) -> None:
        """A hand takes its time, in which the page comes to rest: a list closes where it scrolls."""
        self.wait(at)
        at.scroll_into_view_if_needed()
        self.page.wait_for_timeout(500)
        at.click()
        self.pointings += 1

    def write(self, at: Locator, text: str) -> None:
        self.point(at)
        at.fill(text)
        self.keys += len(text)

    def choose(self, at: Locator, words: str) -> None:
        self.point(at)
        self.point(self.page.get_by_role("option", name=words, exact=True))

    def files(self, names: tuple[str, ...]) -> None:
        """Open the dialog, the folder's first file, the others with Ctrl held, 打开."""
        self.pointings += 2 + len(names)
        chosen = self.page.locator(".st-key-p_intake input[type=file]")
        chosen.set_input_files([EXPORTS / name for name in names])

    def wait(self, what: Locator) -> None:
        began = time.monotonic()
        what.first.wait_for(timeout=60_000)
        self.machine += time.monotonic() - began

    def look(self) -> None:
        self.looks += 1


def visit(page: Page, url: str, names: tuple[str, ...], first: bool) -> Clerk:
    """A month's import, from the link to the word that it is published."""
    clerk = Clerk(page)
    began = time.monotonic()
    page.goto(f"{url}/trust")
    clerk.pointings += 1  # the bookmark
    box = page.locator(".st-key-p_intake")
    page.get_by_label("更新口令").wait_for(timeout=60_000)
    clerk.machine += time.monotonic() - began
    clerk.write(page.get_by_label("更新口令"), SECRET)
    clerk.point(page.get_by_role("button", name="进入"))
    clerk.wait(box.get_by_role("button", name="选择文件"))
    clerk.files(names)
    if first:
        for label, text in ANSWERS[:1]:
            clerk.write(box.get_by_label(label), text)
        for label, words in (*ANSWERS[1:], *CHOICES):
            clerk.choose(box.get_by_label(label), words)
        clerk.point(box.get_by_role("button", name="回答"))
    clerk.wait(box.get_by_text("会改什么"))
    clerk.look()
    return clerk


def publish(clerk: Clerk) -> None:
    box = clerk.page.locator(".st-key-p_intake")
    clerk.point(box.get_by_role("button", name="发布"))
    clerk.wait(box.get_by_text("已发布。第"))


def told(clerk: Clerk, what: str) -> str:
    return (
        f"{what}：{clerk.seconds:.0f} 秒（{clerk.pointings} 次点击，{clerk.keys} 次按键，"
        f"看 {clerk.looks * LOOK:.0f} 秒，等机器 {clerk.machine:.1f} 秒）"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="a folder for pictures")
    shots = parser.parse_args().out
    end_on_sigterm()
    os.environ["QMG_EDIT_KEY"] = SECRET
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name)
        (folder / "town.toml").write_text('[town]\nname = "某县青石镇"\n', encoding="utf-8")
        with serving(data=folder) as server:
            url = f"http://127.0.0.1:{server.port}"
            taken = []
            for n, (what, names) in enumerate(
                (
                    ("四份月度导出", MONTH),
                    ("另有两份要回答的，第一次", ONCE),
                    ("同两份，第二次", ONCE),
                )
            ):
                context = browser.new_context(
                    locale="zh-CN", viewport={"width": 1366, "height": 768}
                )
                clerk = visit(context.new_page(), url, names, first=n == 1)
                if shots:
                    shots.mkdir(exist_ok=True)
                    clerk.page.screenshot(path=shots / f"month-{n}.png", full_page=True)
                if n < 2:
                    publish(clerk)
                elif not clerk.page.get_by_text("没有要发布的改动").count():
                    print("同样的文件第二次还有改动", file=sys.stderr)
                    return 1
                taken.append(clerk.seconds)
                print(told(clerk, what))
                context.close()
        rows = sum(
            len(list(csv.reader(p.open(encoding="utf-8-sig")))) - 1
            for p in folder.glob("ledgers/*.csv")
        )
        print(f"共 {rows} 行进了 {len(list(folder.glob('ledgers/*.csv')))} 张台账")
    return int(max(taken) > MOST)


if __name__ == "__main__":
    sys.exit(main())

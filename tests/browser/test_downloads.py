"""A download that fails says so on the screen, in Chinese, and why as far as it is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import folders
import pytest
from visiting import ROOT, Tab, started

SOURCES = [*(ROOT / "qmg_dash").glob("**/*.py"), *(ROOT / "pages").glob("*.py")]
LOG = "原因已记入服务器日志"


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that can make no file."""
    with started(folders.second_town(tmp_path_factory.mktemp("town")), "failing") as address:
        yield address


def test_every_download_goes_through_one_place() -> None:
    found = [p.name for p in SOURCES if "download_button(" in p.read_text(encoding="utf-8")]
    assert found == ["downloads.py"]


@pytest.mark.parametrize(
    ("path", "button", "why"),
    [
        ("/disclosure", "下载 Word", LOG),
        ("/disclosure", "下载 Excel", "磁盘已满"),
        ("/trust", "下载口径（Word）", LOG),
        ("/trust", "下载口径（Markdown）", LOG),
        ("/disputes", "会议快照（离线文件）", "请用会议议程少选几页"),
    ],
)
def test_a_download_that_fails_says_so(
    tab: Callable[..., Tab], failing: str, path: str, button: str, why: str
) -> None:
    page = tab(1366, 768, at=failing).open(path, year=2023)
    page.get_by_role("button", name=button).first.click()
    page.wait_for_function(
        "why => document.querySelector('.qmg-away')?.textContent.includes(why)", arg=why
    )
    said = page.locator(".qmg-away").inner_text()
    assert re.match("下载失败：“.+”没有做成：", said), said
    assert said.count(why) == 1
    # Again: a second failure is told as well.
    page.evaluate("document.querySelector('.qmg-away').textContent = ''")
    page.get_by_role("button", name=button).first.click()
    page.wait_for_function(
        "why => document.querySelector('.qmg-away')?.textContent.includes(why)", arg=why
    )


@pytest.mark.parametrize(("button", "why"), [("下载 CSV", "内存不够"), ("下载 Excel", LOG)])
def test_rows_that_fail_say_so(
    tab: Callable[..., Tab], failing: str, button: str, why: str
) -> None:
    page = tab(1366, 768, at=failing).open("/disputes", year=2023, rows="disputes.registered")
    page.locator(".st-key-drill_below").get_by_role("button", name=button).click()
    page.wait_for_function(
        "why => document.querySelector('.qmg-away')?.textContent.includes(why)", arg=why
    )

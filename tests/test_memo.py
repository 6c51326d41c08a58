"""What is computed of data is made once, for whoever asks, and goes with the data."""

from __future__ import annotations

import ast
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Event

import folders
import pytest
from test_layers import named, sources

from qmg_dash.folder import store
from qmg_dash.folder.memo import Memo, Memory, once
from qmg_dash.folder.snapshot import Snapshot


class Owner:
    def __init__(self, former: bool = False):
        self.memory = Memory(former=former)
        self.asked: list[tuple] = []

    @once
    def twice(self, number: int, more: int = 0) -> list[int]:
        self.asked.append((number, more))
        return [2 * number + more]


class Thing:
    pass


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    folders.town(tmp_path, "disputes")
    return store.load(tmp_path)


def test_a_thing_is_made_once_for_its_key_and_its_owner():
    one, other = Owner(), Owner()
    assert one.twice(3) is one.twice(3) and one.twice(3) == [6]
    assert one.twice(3, 1) == [7] and one.twice(4) == [8]
    assert other.twice(3) is not one.twice(3)
    assert one.asked == [(3, 0), (3, 1), (4, 0)] and other.asked == [(3, 0)]
    with pytest.raises(TypeError):
        one.twice(number=3)  # a name is no part of the key


def test_what_is_kept_of_one_kind_is_not_taken_for_another():
    owner, names, numbers = Owner(), Memo[int, str](), Memo[int, int]()
    assert (names(owner, 1, lambda: "a"), numbers(owner, 1, lambda: 7)) == ("a", 7)
    assert (names.of(owner), numbers.of(owner)) == ({1: "a"}, {1: 7})


def test_none_is_kept_like_any_other_answer():
    owner, memo = Owner(), Memo[int, None]()
    assert memo(owner, 1, lambda: None) is None
    assert memo(owner, 1, pytest.fail) is None


def test_beyond_its_limit_the_least_used_goes_first():
    owner, memo = Owner(), Memo[int, int](limit=2)
    for key in (1, 2, 1, 3):
        memo(owner, key, lambda key=key: key)
    assert list(memo.of(owner)) == [1, 3]


def test_what_could_not_be_made_is_tried_again():
    owner, memo = Owner(), Memo[int, int]()
    with pytest.raises(ZeroDivisionError):
        memo(owner, 1, lambda: 1 // 0)
    assert memo(owner, 1, lambda: 5) == 5


def test_threads_that_ask_for_the_same_wait_for_one_computation():
    owner, memo, begun, made = Owner(), Memo[int, Thing](), Barrier(8), []

    def make() -> Thing:
        Event().wait(0.05)
        made.append(Thing())
        return made[-1]

    def ask(_: int) -> Thing:
        begun.wait(10)
        return memo(owner, 1, make)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len(made) == 1 and set(found) == {made[0]}


def test_a_thread_does_not_wait_for_another_key():
    owner, memo, go_on = Owner(), Memo[int, bool](), Event()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(memo, owner, 1, lambda: go_on.wait(10))
        assert memo(owner, 2, lambda: True)
        go_on.set()
        assert slow.result(10)


def test_a_waiting_thread_makes_what_the_first_one_could_not():
    owner, memo, begun, fail = Owner(), Memo[int, int](), Event(), Event()

    def broken() -> int:
        begun.set()
        fail.wait(10)
        raise OSError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memo, owner, 1, broken)
        begun.wait(10)
        second = pool.submit(memo, owner, 1, lambda: 5)
        fail.set()
        assert isinstance(first.exception(10), OSError) and second.result(10) == 5


def test_what_was_made_goes_with_its_owner():
    gc.disable()
    try:
        owner, memo = Owner(), Memo[int, Thing]()
        made = weakref.ref(memo(owner, 1, Thing))
        assert made() is not None
        del owner
        assert made() is None, "somebody else keeps it"
    finally:
        gc.enable()


def test_of_what_is_not_shown_any_more_nothing_is_kept_that_may_hold_it():
    owner, bounded = Owner(former=True), Memo[int, Thing](limit=3)
    assert bounded(owner, 1, Thing) is not bounded(owner, 1, Thing)
    assert owner.twice(1) is owner.twice(1)


# ---- of a snapshot -------------------------------------------------------------------------------
def test_a_snapshot_that_is_let_go_keeps_nothing(snapshot: Snapshot):
    memo = Memo[int, Thing]()
    made = weakref.ref(memo(snapshot, 1, Thing))
    snapshot.let_go()
    assert made() is None and snapshot.memory.former


def test_what_was_computed_on_another_day_does_not_hold(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
):
    day, memo = date(2023, 5, 4), Memo[int, date]()
    monkeypatch.setattr(snapshot, "clock", lambda: day)
    assert memo(snapshot, 1, snapshot.clock) == day

    def over_midnight() -> date:
        nonlocal day
        begun, day = day, day + timedelta(days=1)
        return begun

    assert memo(snapshot, 2, over_midnight) == date(2023, 5, 4)
    assert memo(snapshot, 1, snapshot.clock) == memo(snapshot, 2, snapshot.clock) == day


# ---- nobody else keeps data ----------------------------------------------------------------------
DATA = {"Snapshot", "Book", "Scope", "Filled", "Sent", "Compared", "Comparison", "Drawing"}


@pytest.mark.parametrize("path", sources(), ids=named)
def test_no_cache_of_the_process_is_asked_with_data(path: Path):
    """It would hold them for as long as the process runs, or until others push them out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef):
            continue
        if any("cache" in ast.unparse(d).split("(")[0].split("_") for d in node.decorator_list):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            asked = {n.id for a in given for n in ast.walk(a) if isinstance(n, ast.Name)}
            assert not asked & DATA, node.name
            assert [a.arg for a in given][:1] != ["self"], node.name

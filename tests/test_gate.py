"""The gate's parts without a server: key, passphrases, sessions, tries, who a provider's person is."""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from serving import apart

from qmg_dash import gate
from qmg_dash.__main__ import cli
from qmg_dash.gate import door, home, log, mark, oidc, opening, passphrase, table

VIEWER, EDITOR = gate.Visitor("view"), gate.Visitor("edit", "李@example.gov.cn")
posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> home.Home:
    folder = tmp_path / "gate"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv(home.VARIABLE, str(folder))
    return home.resolve()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the session table sees; it may be set."""
    now = [1_700_000_000.0]
    monkeypatch.setattr(table.time, "time", lambda: now[0])
    return now


@pytest.fixture
def sessions(place: home.Home, clock: list[float]) -> table.Table:
    return table.Table(place.sessions, b"k" * 32)


# ---- who is looking --------------------------------------------------------------------------------
def headers(scope: dict) -> dict[str, str]:
    """As a Streamlit script sees them: the last of each name."""
    return {k.decode().lower(): v.decode("latin-1") for k, v in scope["headers"]}


@pytest.mark.parametrize("who", [VIEWER, EDITOR])
def test_the_screens_are_told_who_is_looking(who: gate.Visitor) -> None:
    scope = mark.marked({"type": "http", "headers": [(b"host", b"a")]}, who)
    assert gate.visitor(headers(scope)) == who
    assert gate.role(headers(scope)) == who.role


@pytest.mark.parametrize("name", [b"X-QMG-Visitor", b"x_qmg_visitor", b"x-qmg-visitor"])
@pytest.mark.parametrize("value", [b'{"role": "edit"}', b' {"role": "edit", "subject": ""}', b""])
def test_a_mark_that_a_client_wrote_is_worth_nothing(name: bytes, value: bytes) -> None:
    forged = {"type": "http", "headers": [(name, value)]}
    assert gate.visitor(headers(forged)) is None, "where no gate stands"
    assert mark.unmarked(forged)["headers"] == []
    assert gate.role(headers(mark.marked(forged, VIEWER))) == "view"


def test_a_mark_of_another_process_is_worth_nothing() -> None:
    code = (
        "from qmg_dash.gate import mark as v;"
        "print(v.marked({'headers': []}, v.Visitor('edit'))['headers'][0][1].decode())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith('{"role": "edit", "subject": ""}')
    assert gate.role({mark.HEADER: done.stdout.strip()}) is None


# ---- key and folder --------------------------------------------------------------------------------
def test_the_key_is_made_once_and_for_its_owner_alone(place: home.Home) -> None:
    key = home.key(place)
    assert len(key) == 32 and home.key(place) == key
    if os.name == "posix":
        assert stat.S_IMODE(place.key.stat().st_mode) == 0o600


def test_two_replicas_that_start_at_once_make_one_key(place: home.Home) -> None:
    start = threading.Barrier(8)

    def make(_: int) -> bytes:
        start.wait()
        return home.key(place)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(8)))) == 1
    assert [p.name for p in place.folder.iterdir()] == ["key"]


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused_with_the_way_to_mend_it(
    place: home.Home, mode: int
) -> None:
    home.key(place)
    place.key.chmod(mode)
    with pytest.raises(home.GateError, match=f"chmod 600 {place.key}"):
        home.key(place)


@posix
def test_an_unreadable_key_is_refused_with_the_way_to_mend_it(
    place: home.Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.key.mkdir()  # root reads every file: a folder in its place fails for everybody
    with pytest.raises(home.GateError, match=r"读不出.*chmod 600"):
        home.key(place)


def test_a_lost_key_is_not_silently_replaced(place: home.Home) -> None:
    table.Table(place.sessions, home.key(place))
    place.key.unlink()
    with pytest.raises(home.GateError, match="备份"):
        home.key(place)
    assert not place.key.exists()


@pytest.mark.parametrize("data", [b"", b"short", b"k" * 33])
def test_a_broken_key_is_refused(place: home.Home, data: bytes) -> None:
    home.write_private(place.key, data)
    with pytest.raises(home.GateError, match="不完整"):
        home.key(place)


def test_the_folder_may_not_lie_in_the_data(tmp_path: Path) -> None:
    with pytest.raises(home.GateError, match="QMG_GATE_DIR"):
        home.ready(home.Home(tmp_path / "data/.gate"), tmp_path / "data")
    assert not (tmp_path / "data").exists()


@posix
def test_a_folder_that_others_write_to_is_refused(place: home.Home, tmp_path: Path) -> None:
    place.folder.chmod(0o777)
    with pytest.raises(home.GateError, match="chmod 700"):
        home.ready(place, tmp_path / "data")


# ---- passphrases -----------------------------------------------------------------------------------
def test_each_passphrase_opens_its_own_role_and_only_hashes_are_kept(place: home.Home) -> None:
    passphrase.choose(place, "view", "看板口令九个字啊")
    passphrase.choose(place, "edit", "correct horse")
    assert passphrase.opened(place, "看板口令九个字啊") == "view"
    assert passphrase.opened(place, "correct horse") == "edit"
    for wrong in ("", "correct horse ", "\ud800" + "x" * 100_000):
        assert passphrase.opened(place, wrong) is None
    text = place.passphrases.read_text()
    assert "看板" not in text and "correct" not in text
    assert all(h.startswith("$argon2id$") for h in json.loads(text).values())
    if os.name == "posix":
        assert stat.S_IMODE(place.passphrases.stat().st_mode) == 0o600


def test_a_passphrase_means_the_same_however_it_was_composed(place: home.Home) -> None:
    passphrase.choose(place, "view", "caf\u00e9 abcd")
    assert passphrase.opened(place, "cafe\u0301 abcd") == "view"


def test_both_hashes_are_tried_whatever_is_set(
    place: home.Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    passphrase.choose(place, "edit", "correct horse")
    tried = []
    fits = passphrase._fits
    monkeypatch.setattr(passphrase, "_fits", lambda h, p: tried.append(h) or fits(h, p))
    for phrase in ("correct horse", "wrong", ""):
        tried.clear()
        passphrase.opened(place, phrase)
        assert len(tried) == 2


@pytest.mark.parametrize("phrase", ["", "short", "x" * 201, "aaaaaaaaaaaa", "correct horse"])
def test_a_passphrase_that_will_not_do_is_refused(place: home.Home, phrase: str) -> None:
    passphrase.choose(place, "edit", "correct horse")
    with pytest.raises(ValueError, match="口令"):
        passphrase.choose(place, "view", phrase)
    assert set(passphrase.stored(place)) == {"edit"}


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"view": "no hash"}'])
def test_a_broken_file_of_passphrases_lets_nobody_in(place: home.Home, data: bytes) -> None:
    home.write_private(place.passphrases, data)
    try:
        assert passphrase.opened(place, "no hash") is None
    except home.GateError as error:
        assert "qmg_dash passphrase" in str(error)


def test_the_command_sets_a_passphrase_and_ends_the_sessions_of_the_old_one(
    place: home.Home,
) -> None:
    sessions = table.Table(place.sessions, home.key(place))
    cookies = {
        (role, way): sessions.begin(gate.Visitor(role), way)
        for role in gate.ROLES
        for way in ("passphrase", "oidc")
    }
    done = CliRunner().invoke(cli, ["passphrase", "--stdin"], input="一个新的查看口令\r\n")
    assert done.exit_code == 0, done.output
    assert "一个新的" not in done.output and "1 人" in done.output
    assert passphrase.opened(place, "一个新的查看口令") == "view"
    alive = {k for k, cookie in cookies.items() if sessions.find(cookie)}
    assert alive == set(cookies) - {("view", "passphrase")}


def test_the_command_asks_twice_and_shows_nothing(place: home.Home) -> None:
    said = "correct horse\ncorrect horse\n"
    done = CliRunner().invoke(cli, ["passphrase", "--role", "edit"], input=said)
    assert done.exit_code == 0 and "correct" not in done.output
    assert passphrase.opened(place, "correct horse") == "edit"
    refused = CliRunner().invoke(cli, ["passphrase", "--stdin"], input="short\n")
    assert refused.exit_code == 2 and "字符" in refused.output


# ---- sessions --------------------------------------------------------------------------------------
def test_a_session_lives_a_working_day_and_survives_a_restart(
    place: home.Home, sessions: table.Table, clock: list[float]
) -> None:
    cookie = sessions.begin(EDITOR, "oidc")
    again = table.Table(place.sessions, b"k" * 32)
    for at in (sessions, again):
        found = at.find(cookie)
        assert found and found.visitor == EDITOR
    clock[0] += table.WORKING_DAY - 1
    assert again.find(cookie)
    clock[0] += 2
    assert again.find(cookie) is None and again.living([found.id]) == set()


def test_logging_out_ends_a_session_for_every_replica(
    place: home.Home, sessions: table.Table
) -> None:
    other = table.Table(place.sessions, b"k" * 32)
    cookie = sessions.begin(VIEWER, "passphrase")
    found = other.find(cookie)
    assert found and other.living([found.id]) == {found.id}
    sessions.end(found)
    assert other.find(cookie) is None and other.living([found.id]) == set()


def test_a_cookie_is_worth_nothing_under_another_key_or_changed(
    place: home.Home, sessions: table.Table
) -> None:
    cookie = sessions.begin(VIEWER, "passphrase")
    assert table.Table(place.sessions, b"x" * 32).find(cookie) is None
    name, _, signature = cookie.partition(".")
    for forged in (
        "",
        ".",
        name,
        f"{name}.",
        f".{signature}",
        cookie[:-1],
        cookie + "a",
        "é" + cookie,
    ):
        assert sessions.find(forged) is None
    assert sessions.find(None) is None and sessions.find(cookie)


def test_the_table_alone_opens_nothing(place: home.Home, sessions: table.Table) -> None:
    cookie = sessions.begin(VIEWER, "passphrase")
    with sqlite3.connect(place.sessions) as db:
        dump = "\n".join(db.iterdump())
    db.close()
    assert cookie.partition(".")[0] not in dump


def test_two_dashboards_on_one_host_do_not_take_each_others_cookie(place: home.Home) -> None:
    one, other = (table.Table(place.folder / n, n.encode() * 32) for n in ("a", "b"))
    assert one.cookie != other.cookie


@pytest.mark.parametrize("jump", [-10 * 365 * 86400, -86400, 86400, 10 * 365 * 86400])
def test_a_clock_that_jumps_ends_sessions_and_lengthens_none(
    sessions: table.Table, clock: list[float], jump: float
) -> None:
    before = sessions.begin(VIEWER, "passphrase")
    clock[0] += jump
    assert sessions.find(before) is None
    after = sessions.begin(VIEWER, "passphrase")
    assert sessions.find(after)
    clock[0] -= jump
    assert sessions.find(after) is None


def test_a_clock_set_right_by_a_minute_ends_nothing(
    sessions: table.Table, clock: list[float]
) -> None:
    cookie = sessions.begin(VIEWER, "passphrase")
    clock[0] -= 60
    assert sessions.find(cookie)


def test_a_table_deleted_under_a_running_server_ends_all_sessions(
    place: home.Home, sessions: table.Table
) -> None:
    cookie = sessions.begin(VIEWER, "passphrase")
    assert sessions.find(cookie)
    for file in place.folder.glob("sessions.sqlite3*"):
        file.unlink()
    with pytest.raises(OSError):
        sessions.find(cookie)
    other = table.Table(place.sessions, b"k" * 32)
    assert sessions.find(cookie) is None
    assert sessions.find(other.begin(VIEWER, "passphrase"))


# ---- tries -----------------------------------------------------------------------------------------
def refusals(sessions: table.Table, address: str, times: int) -> list[float]:
    return [sessions.attempt(address) for _ in range(times)]


def test_five_tries_a_minute_then_a_wait_that_doubles(
    sessions: table.Table, clock: list[float]
) -> None:
    waits = []
    for _ in range(9):
        assert refusals(sessions, "a", 5) == [0] * 5
        waits.append(sessions.attempt("a"))
        clock[0] += waits[-1] - 1
        assert sessions.attempt("a") == pytest.approx(1)
        clock[0] += 1.1
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_one_address_does_not_make_another_wait(sessions: table.Table) -> None:
    assert refusals(sessions, "a", 6)[-1] > 0
    assert sessions.attempt("b") == 0


def test_slow_tries_are_not_held_up_and_a_day_of_quiet_forgets(
    sessions: table.Table, clock: list[float]
) -> None:
    for _ in range(20):
        assert sessions.attempt("a") == 0
        clock[0] += 13
    refusals(sessions, "a", 6)
    clock[0] += 2 * 86400
    assert [*refusals(sessions, "a", 5), sessions.attempt("a")] == [0] * 5 + [60]


def test_a_thousand_tries_at_once_through_two_replicas_get_five(
    place: home.Home, sessions: table.Table
) -> None:
    replicas = [sessions, table.Table(place.sessions, b"k" * 32)]
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda n: replicas[n % 2].attempt("a"), range(1000)))
    assert waits.count(0) == 5


def test_a_success_gives_back_its_own_try_and_no_other(sessions: table.Table) -> None:
    """Else the viewing passphrase would buy any number of tries at the editing one."""
    for _ in range(4):
        sessions.attempt("a")
        assert sessions.attempt("a") == 0
        sessions.give_back("a")
    assert sessions.attempt("a") == 0
    assert sessions.attempt("a") > 0


@pytest.mark.parametrize("jump", [-10 * 365 * 86400, -7200, 10 * 365 * 86400])
def test_a_clock_that_jumps_locks_nobody_out_and_frees_no_one_to_guess(
    sessions: table.Table, clock: list[float], jump: float
) -> None:
    clock[0] += jump
    refusals(sessions, "a", 6)
    clock[0] -= jump
    assert refusals(sessions, "a", 5) == [0] * 5
    assert sessions.attempt("a") > 0


# ---- where a login leads ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "to",
    [
        "", "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", " /x", "/ x", "/é",
        "/_gate/logout", "x", "http:/x", "/\x00",
    ],
)  # fmt: skip
def test_a_login_leads_nowhere_else(to: str) -> None:
    assert door.safe(to, "") == "/"
    assert door.safe(to, "/kanban") == "/kanban/"
    assert door.safe(f"/kanban{to}", "/kanban").startswith("/kanban/")


@pytest.mark.parametrize("to", ["/", "/goals?year=2022&present=true&slide=2", "/a?c=%E8%A1%8C#x"])
def test_a_login_leads_where_the_link_leads(to: str) -> None:
    assert door.safe(to, "") == to
    assert door.safe(f"/kanban{to}", "/kanban") == f"/kanban{to}"
    assert door.safe(f"/kanbanx{to}", "/kanban") == "/kanban/"


@given(st.text(max_size=60))
def test_no_text_makes_a_login_lead_to_another_host(text: str) -> None:
    for to in (text, f"/{text}", f"//{text}", f"/\\{text}"):
        way = door.safe(to, "")
        assert way.startswith("/") and not way.startswith(("//", "/\\"))
        assert way.isascii() and way.isprintable()


SITE = (b"host", b"kanban.example:8501")


@pytest.mark.parametrize(
    ("sent", "ours"),
    [
        ([SITE], True),
        ([SITE, (b"origin", b"http://kanban.example:8501")], True),
        ([SITE, (b"origin", b"https://kanban.example:8501")], True),
        ([SITE, (b"origin", b"http://kanban.example")], False),
        ([SITE, (b"origin", b"http://evil.example")], False),
        ([SITE, (b"origin", b"null")], False),
        ([SITE, (b"origin", b"http://[")], False),
        ([SITE, (b"origin", b"http://evil.example@kanban.example:8501")], False),
        ([(b"origin", b"null")], False),
        ([SITE, (b"sec-fetch-site", b"cross-site")], False),
        ([SITE, (b"sec-fetch-site", b"same-site")], False),
        ([SITE, (b"sec-fetch-site", b"same-origin")], True),
        ([(b"origin", b"http://evil.example")], False),
    ],
)
def test_what_changes_something_must_come_from_our_own_pages(sent: list, ours: bool) -> None:
    for scope in ({"type": "websocket"}, *({"type": "http", "method": m} for m in ("POST", "PUT"))):
        assert door.same_site({**scope, "headers": sent}) is ours
    assert door.same_site({"type": "http", "method": "GET", "headers": sent})


# ---- a provider's people ---------------------------------------------------------------------------
SETTINGS = """
issuer = "https://sso.example.gov.cn"
client_id = "kanban"
client_secret = "secret"
domains = ["Example.gov.cn"]
people = ["guest@elsewhere.cn", "subject-7"]
editors = ["Li@example.gov.cn", "subject-8"]
"""


@pytest.fixture
def provider(place: home.Home) -> oidc.Provider:
    home.write_private(place.oidc, SETTINGS.encode())
    found = oidc.read(place)
    assert found
    return found


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"sub": "1", "email": "wang@example.gov.cn", "email_verified": True}, "view"),
        ({"sub": "1", "email": "WANG@Example.Gov.CN", "email_verified": True}, "view"),
        ({"sub": "1", "email": "li@example.gov.cn", "email_verified": True}, "edit"),
        ({"sub": "1", "email": "guest@elsewhere.cn", "email_verified": True}, "view"),
        ({"sub": "subject-7"}, "view"),
        ({"sub": "subject-8", "email": "x@elsewhere.cn", "email_verified": True}, "edit"),
        ({"sub": "1", "email": "li@example.gov.cn"}, None),
        ({"sub": "1", "email": "li@example.gov.cn", "email_verified": False}, None),
        ({"sub": "1", "email": "li@example.gov.cn", "email_verified": "true"}, None),
        ({"sub": "1", "email": "x@sub.example.gov.cn", "email_verified": True}, None),
        ({"sub": "1", "email": "x@notexample.gov.cn", "email_verified": True}, None),
        ({"sub": "1", "email": "a@evil@example.gov.cn", "email_verified": True}, None),
        ({"sub": "Subject-8"}, None),
        ({"sub": "1"}, None),
        ({}, None),
    ],
)
def test_who_may_enter_and_who_may_edit(
    provider: oidc.Provider, claims: dict, role: str | None
) -> None:
    if role is None:
        with pytest.raises(oidc.NotAllowed):
            provider.visitor(claims)
    else:
        assert provider.visitor(claims).role == role


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (('client_id = "kanban"', ""), "client_id"),
        (("https://", "http://"), "https"),
        (('domains = ["Example.gov.cn"]', 'domains = "example.gov.cn"'), "列表"),
        (('domains = ["Example.gov.cn"]', "domain = []"), "domain"),
        (('"kanban"', "kanban"), "TOML"),
        (('"kanban"', "7"), "文字"),
        (('client_id = "kanban"', 'client_id = "kanban"\ntrust_email = "yes"'), "trust_email"),
    ],
)
def test_settings_that_will_not_do_are_refused_by_name(
    place: home.Home, change: tuple[str, str], word: str
) -> None:
    home.write_private(place.oidc, SETTINGS.replace(*change).encode())
    with pytest.raises(home.GateError, match=word):
        oidc.read(place)


def test_settings_that_let_nobody_in_are_refused(place: home.Home) -> None:
    text = "\n".join(line for line in SETTINGS.splitlines() if "[" not in line)
    home.write_private(place.oidc, text.encode())
    with pytest.raises(home.GateError, match="谁也进不来"):
        oidc.read(place)


@posix
def test_a_clients_secret_that_others_can_read_is_refused(place: home.Home) -> None:
    home.write_private(place.oidc, SETTINGS.encode())
    place.oidc.chmod(0o644)
    with pytest.raises(home.GateError, match="chmod 600"):
        oidc.read(place)


def test_the_example_of_settings_is_good_and_holds_no_secret(place: home.Home) -> None:
    example = Path(__file__).parents[1] / "docs/deploy/oidc.example.toml"
    home.write_private(place.oidc, example.read_bytes())
    found = oidc.read(place)
    assert found and found.domains and found.editors


def test_a_provider_that_is_down_is_said(
    place: home.Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        here = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        text = SETTINGS.replace("https://sso.example.gov.cn", here)
        home.write_private(place.oidc, text.encode())
        monkeypatch.setenv("QMG_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setitem(mark._state, "on", False)  # for the tests that follow
        gate_ = door.Gate(None, opening.gate(hours=1))  # type: ignore[arg-type]
        sent: list[dict] = []

        async def send(message: dict) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/_gate/oidc", "scheme": "http"}
        asked = {"query_string": b"to=/goals", "headers": [(b"host", b"127.0.0.1")]}
        apart(gate_({**scope, **asked}, None, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 502
    body = sent[1]["body"].decode()
    assert "连不上身份认证系统" in body and "%2Fgoals" in body and "passphrase" not in body


# ---- starting ----------------------------------------------------------------------------------------
def start(place: home.Home, monkeypatch: pytest.MonkeyPatch) -> str:
    """What server.py --share says where it does not start."""
    import server

    monkeypatch.setenv("QMG_DATA_DIR", str(place.folder.parent / "data"))
    said = io.StringIO()
    with contextlib.redirect_stderr(said), pytest.raises(SystemExit) as refused:
        server.main(["--share", "--host", "127.0.0.1"])
    assert refused.value.code == 1
    return said.getvalue()


def test_sharing_without_a_way_in_is_refused(
    place: home.Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = start(place, monkeypatch)
    assert "qmg_dash passphrase" in said and "oidc.toml" in said
    assert list(place.folder.iterdir()) == []


@posix
def test_sharing_with_a_key_that_others_read_is_refused(
    place: home.Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    passphrase.choose(place, "view", "correct horse")
    home.key(place)
    place.key.chmod(0o644)
    assert f"chmod 600 {place.key}" in start(place, monkeypatch)


# ---- the log ---------------------------------------------------------------------------------------
@pytest.fixture
def kept(tmp_path: Path):
    """A folder of access logs, written to until the test ends."""
    folder = tmp_path / "logs"
    folder.mkdir()
    before = list(log._LOG.handlers)
    yield folder
    for handler in [h for h in log._LOG.handlers if h not in before]:
        log._LOG.removeHandler(handler)
        handler.close()


def test_the_log_says_who_and_which_screen_a_line_each(kept: Path) -> None:
    log.keep(kept, "8501")
    log.saw(EDITOR, "/goals")
    log.saw(gate.Visitor("view", "a\nforged\tline"), "/")
    lines = (kept / "access-8501.log").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[1:] for line in lines] == [
        ["查看屏幕", "编辑 李@example.gov.cn", "/goals"],
        ["查看屏幕", "查看 a?forged?line", "/"],
    ]


def test_logs_older_than_thirty_days_go_at_the_start(kept: Path) -> None:
    for name, days in {
        "access-1.log.2026-01-01": 31,
        "access-1.log": 31,
        "access-2.log": 29,
    }.items():
        (kept / name).write_text("x")
        old = log.time.time() - days * 86400
        os.utime(kept / name, (old, old))
    log.keep(kept, "8501")
    assert {p.name for p in kept.iterdir()} == {"access-2.log"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's device that is always full")
def test_a_full_disk_costs_lines_of_the_log_and_nothing_else(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "access-8501.log").symlink_to("/dev/full")
    log.keep(kept, "8501")
    log.saw(VIEWER, "/")
    log.saw(VIEWER, "/goals")
    assert "访问日志写不进" in capsys.readouterr().err
    (kept / "access-8501.log").unlink()
    log.saw(VIEWER, "/trust")
    assert "/trust" in (kept / "access-8501.log").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_nobody_else_reads_the_log_not_even_one_that_is_there(kept: Path) -> None:
    for name in ("access-8501.log", "access-8501.log.2026-11-29"):
        (kept / name).write_text("x")
        (kept / name).chmod(0o644)
    before = os.umask(0)
    try:
        for port in ("8501", "8502"):
            log.keep(kept, port)
        log.saw(VIEWER, "/")
        log._LOG.handlers[-1].doRollover()
        log.saw(VIEWER, "/")
    finally:
        os.umask(before)
    modes = {p.name: oct(p.stat().st_mode & 0o777) for p in kept.iterdir()}
    assert len(modes) >= 4 and set(modes.values()) == {"0o600"}, modes

"""A browser without a screen: Streamlit's websocket protocol, as its frontend speaks it (1.67).

It keeps the elements that a browser would keep (delta paths, fragments, the cache of forward
messages) and times each run from the request until the matching script_finished. It draws nothing.

    session = await Session("http://127.0.0.1:8501", page="goals", query="data=demo").open()
    run = await session.rerun()
    run = await session.set_widget("year", "2023")  # user key, element id or label
    await session.close()

Not here: file upload, fragments that rerun by themselves, sign-in.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

OK, _, SUPERSEDED, FRAGMENT_OK = range(4)  # ForwardMsg.script_finished

# The field of WidgetState that carries an element's value (register_widget(value_type=…)).
VALUE_FIELD = {
    "button": "trigger_value",
    "button_group": "string_array_value",
    "checkbox": "bool_value",
    "multiselect": "string_array_value",
    "number_input": "double_value",
    "radio": "string_value",
    "selectbox": "string_value",
    "slider": "double_array_value",
    "text_input": "string_value",
}

EVENTS = "$$STREAMLIT_INTERNAL_KEY_"
"""What the frontend puts before a component's id to say that something was pressed in it."""


class StreamlitError(RuntimeError):
    """The server did not answer as it should: no end of the run, a lost connection."""


@dataclass
class Run:
    """One script run as the client saw it."""

    seconds: float = 0.0  # from the request to script_finished
    bytes: int = 0  # what the websocket's messages held
    messages: int = 0
    reused: int = 0  # elements sent as a reference to the client's cache
    status: int = -1
    exceptions: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the script came to its end without an exception."""
        return self.status in (OK, FRAGMENT_OK) and not self.exceptions


@dataclass
class Node:
    """An element, or a block of elements, at its place on the page."""

    kind: str
    proto: Any
    fragment_id: str
    run_id: str


def user_key(element_id: str) -> str:
    """The key that the app gave a widget; empty where it gave none."""
    found = re.match(r"\$\$ID-[0-9a-f]+-(.*)$", element_id, re.S)
    return found[1] if found and found[1] != "None" else ""


class Session:
    """One visitor of one page: ``open``, ``rerun`` once to load the page, then change widgets."""

    def __init__(
        self,
        url: str,
        page: str = "",
        query: str = "",
        timeout: float = 60.0,
        **connection: Any,
    ) -> None:
        parts = urlsplit(url)
        self.http = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self.connection = connection  # for websockets.connect: a cookie, a certificate to trust
        self.page = page.strip("/")
        self.query = query
        self.timeout = timeout
        self.pages: list[Any] = []  # AppPage messages of st.navigation
        self.nodes: dict[tuple[int, ...], Node] = {}
        self._page_hash = ""
        self._states: dict[str, WidgetState] = {}
        self._cache: dict[str, tuple[ForwardMsg, int]] = {}  # message, runs since it was used
        self._max_age = 2
        self._pending: asyncio.Future[None] | None = None
        self._run = Run()
        self._sent_at = 0.0
        self._started = False
        self._run_id, self._fragments = "", ()
        self._wanted_fragment = ""

    # --- connection -----------------------------------------------------------------------------

    async def open(self) -> Session:
        """Connect; nothing runs yet."""
        self._socket = await websockets.connect(
            f"ws{self.http.removeprefix('http')}/_stcore/stream",
            subprotocols=["streamlit", "token"],
            max_size=None,
            open_timeout=self.timeout,
            ping_interval=None,
            proxy=None,
            **self.connection,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        await self._socket.close()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader

    # --- runs -----------------------------------------------------------------------------------

    async def rerun(self, fragment_id: str = "", extra: Iterable[WidgetState] = ()) -> Run:
        """Let the page run and wait for its end; StreamlitError where none comes."""
        if self._reader.done():
            raise StreamlitError("the connection is closed")
        request = self._request(fragment_id, extra)
        self._run, self._started, self._wanted_fragment = Run(), False, fragment_id
        self._pending = asyncio.get_running_loop().create_future()
        self._sent_at = time.perf_counter()
        await self._socket.send(request.SerializeToString())
        try:
            await asyncio.wait_for(asyncio.shield(self._pending), self.timeout)
        except TimeoutError:
            raise StreamlitError(f"no script_finished within {self.timeout} s") from None
        finally:
            self._pending = None
        return self._run

    def _request(self, fragment_id: str, extra: Iterable[WidgetState]) -> BackMsg:
        message = BackMsg()
        run = message.rerun_script
        run.query_string = self.query
        run.fragment_id = fragment_id
        run.page_script_hash = self._page_hash
        run.page_name = "" if self._page_hash else self.page
        run.widget_states.widgets.extend([*self._states.values(), *extra])
        run.cached_message_hashes.extend(self._cache)
        run.context_info.timezone = "Asia/Shanghai"
        run.context_info.timezone_offset = -480
        run.context_info.locale = "zh-CN"
        run.context_info.color_scheme = "light"
        run.context_info.url = f"{self.http}/{self.page}{'?' * bool(self.query)}{self.query}"
        return message

    async def set_widget(self, name: str, value: object) -> Run:
        """Set a widget by user key, element id or label; the run that this causes."""
        node = self.widget(name)
        state = WidgetState(id=node.proto.id)
        where = VALUE_FIELD[node.kind]
        if where.endswith("_array_value"):
            getattr(state, where).data.extend(value if isinstance(value, list) else [value])
        else:
            setattr(state, where, value)
        if where == "trigger_value":
            return await self.rerun(node.fragment_id, [state])
        self._states[node.proto.id] = state
        return await self.rerun(node.fragment_id)

    async def press(self, *words: str) -> Run:
        """Press something that our script has drawn (`ask` of ui/page.py): pick, area, 安全生产."""
        node = next(n for n in self.nodes.values() if n.kind == "bidi_component")
        state = WidgetState(id=f"{EVENTS}{node.proto.id}__events")
        state.json_trigger_value = json.dumps([{"event": "ask", "value": words}])
        return await self.rerun(node.fragment_id, [state])

    # --- what is on the page ----------------------------------------------------------------------

    def filters(self) -> dict[str, list[str]]:
        """What the filter bar offers: {filter: its values}."""
        found: dict[str, list[str]] = {}
        for node in self.nodes.values():
            if node.kind == "bidi_component":
                drawn = node.proto.bytes.decode()
                for name, value in re.findall(r'data-pick=\\"(\w+)\|([^"\\]+)\\"', drawn):
                    if name != "month" and value not in found.setdefault(name, []):
                        found[name].append(value)
        return found

    def widgets(self) -> list[Node]:
        """The widgets that can be set, from the top of the page down."""
        placed = sorted(self.nodes.items())
        return [node for _, node in placed if node.kind in VALUE_FIELD]

    def widget(self, name: str) -> Node:
        """One of them, by user key, element id or label; KeyError names those there are."""
        names = [(user_key(n.proto.id), n.proto.id, n.proto.label) for n in self.widgets()]
        for node, known in zip(self.widgets(), names, strict=True):
            if name in known:
                return node
        raise KeyError(f"no widget {name!r}; there are {[key or label for key, _, label in names]}")

    # --- protocol -------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                message = ForwardMsg()
                message.ParseFromString(data)
                self._run.bytes += len(data)
                self._run.messages += 1
                self._handle(message)
        except websockets.ConnectionClosedError:
            pass
        if self._pending and not self._pending.done():
            self._pending.set_exception(StreamlitError("the server closed the connection"))

    def _handle(self, message: ForwardMsg) -> None:
        message = self._from_cache(message)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._new_session(message)
        elif kind == "navigation":
            self.pages = list(message.navigation.app_pages)
            self._page_hash = message.navigation.page_script_hash or self._page_hash
        elif kind == "delta":
            self._delta(message)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "page_not_found":
            self._run.exceptions.append(f"page not found: {self.page}")
        elif kind == "script_finished":
            self._finished(message)

    def _from_cache(self, message: ForwardMsg) -> ForwardMsg:
        """The message that a reference stands for; others are kept where the server says so."""
        if message.WhichOneof("type") != "ref_hash":
            if message.metadata.cacheable:
                self._cache[message.hash] = (message, 0)
            return message
        kept, _ = self._cache[message.ref_hash]
        self._cache[message.ref_hash] = (kept, 0)
        self._run.reused += 1
        whole = ForwardMsg()
        whole.CopyFrom(kept)
        whole.metadata.CopyFrom(message.metadata)
        return whole

    def _new_session(self, message: ForwardMsg) -> None:
        session = message.new_session
        self._max_age = session.config.max_cached_message_age or self._max_age
        fragments = tuple(message.metadata.run.fragment_ids)
        self._run_id, self._fragments = message.metadata.run.script_run_id, fragments
        if fragments and not self._wanted_fragment:
            return  # a fragment that reran by itself is not the run that was asked for
        self._started = True
        if not fragments and session.page_script_hash:
            self._page_hash = session.page_script_hash
        self.pages = list(session.app_pages) or self.pages

    def _delta(self, message: ForwardMsg) -> None:
        delta, path = message.delta, tuple(message.metadata.delta_path)
        run_id = message.metadata.run.script_run_id or self._run_id
        what = delta.WhichOneof("type")
        if what not in ("new_element", "add_block"):
            return
        holder = getattr(delta, what)
        kind = holder.WhichOneof("type") or "empty"
        proto = getattr(holder, kind, None)
        if kind == "exception":
            self._run.exceptions.append(f"{proto.type}: {proto.message}")
        elif kind == "alert" and proto.format == Alert.ERROR:  # what server.py shows in its place
            self._run.exceptions.append(proto.body)
        if what == "new_element":  # it takes the place of what stood below it
            below = [p for p in self.nodes if len(p) > len(path) and p[: len(path)] == path]
            for place in below:
                del self.nodes[place]
        self.nodes[path] = Node(kind, proto, delta.fragment_id, run_id)

    def _finished(self, message: ForwardMsg) -> None:
        of_this_run = message.metadata.run.script_run_id in ("", self._run_id)
        if not (self._pending and self._started and of_this_run) or self._pending.done():
            return
        if message.script_finished == SUPERSEDED:
            return  # another run follows: st.rerun
        self._run.status = message.script_finished
        self._run.seconds = time.perf_counter() - self._sent_at
        self._forget()
        self._pending.set_result(None)

    def _forget(self) -> None:
        """Drop what this run did not draw again, as a browser does."""
        only = self._fragments if self._run.status == FRAGMENT_OK else None
        for place, node in list(self.nodes.items()):
            if node.run_id != self._run_id and (only is None or node.fragment_id in only):
                del self.nodes[place]
        shown = {getattr(node.proto, "id", "") for node in self.nodes.values()}
        self._states = {i: state for i, state in self._states.items() if i in shown}
        aged = {key: (kept, age + 1) for key, (kept, age) in self._cache.items()}
        self._cache = {key: kept for key, kept in aged.items() if kept[1] <= self._max_age}

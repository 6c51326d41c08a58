"""Headless client for Streamlit's websocket protocol (written against streamlit 1.67.0).

It speaks BackMsg/ForwardMsg over <url>/_stcore/stream, keeps the element tree a browser would
keep (delta paths, fragments, stale-element clearing, the forward-message cache) and times each run
from the moment the BackMsg is sent until the matching script_finished arrives. It draws nothing.

    import asyncio, st_client
    async def main():
        s = await st_client.connect("http://127.0.0.1:8501", page="goals", query="area=1")  # runs once
        print(s.last.seconds, s.last.bytes, s.last.exceptions)
        r = await s.set_widget("area", "东片区")     # user key, element id or label
        r = await s.click("refresh")                  # st.button
        r = await s.goto("records")                   # multipage: url path, title or script hash
        await s.close()
    asyncio.run(main())

Blocking use: `with st_client.SyncSession(url, page="goals") as s: s.set_widget("area", "x")`.
Self-test: python st_client.py   (starts its own server on 127.0.0.1, needs `streamlit`, `websockets`)
Not implemented: file upload, run_every timers (auto_rerun is recorded, not fired), auth cookies.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

_ID = re.compile(r"^\$\$ID-([0-9a-f]+)-(.*)$", re.S)
OK, COMPILE_ERROR, EARLY, FRAGMENT_OK = 0, 1, 2, 3
# Element oneof name -> WidgetState field (from register_widget(value_type=...) in streamlit 1.67)
VALUE_FIELD = {
    "selectbox": "string_value",
    "radio": "string_value",
    "text_input": "string_value",
    "text_area": "string_value",
    "time_input": "string_value",
    "color_picker": "string_value",
    "feedback": "string_value",
    "plotly_chart": "string_value",
    "vega_lite_chart": "string_value",
    "dataframe": "string_value",
    "deck_gl_json_chart": "string_value",
    "echarts_chart": "string_value",
    "tab_container": "string_value",
    "expandable": "bool_value",
    "popover": "bool_value",
    "checkbox": "bool_value",
    "button": "trigger_value",
    "download_button": "trigger_value",
    "number_input": "double_value",
    "slider": "double_array_value",
    "multiselect": "string_array_value",
    "button_group": "string_array_value",
    "date_input": "string_array_value",
    "date_time_input": "string_array_value",
    "pagination": "int_value",
    "menu_button": "string_trigger_value",
    "component_instance": "json_value",
    "bidi_component": "json_value",
}


class StreamlitError(RuntimeError):
    pass


@dataclass
class Run:
    """One script run as the client saw it. Times are seconds after the BackMsg was sent."""

    seconds: float = 0.0  # to script_finished
    first_delta: float | None = None
    last_delta: float | None = None
    bytes: int = 0  # websocket payload bytes received (before any permessage-deflate)
    messages: int = 0
    deltas: int = 0
    ref_hits: int = 0  # elements the server sent as a reference to the client's cache
    reruns: int = 0  # st.rerun()/superseded runs seen on the way
    status: int = -1
    fragment: bool = False
    exceptions: list = field(default_factory=list)  # (type, message)
    page_not_found: bool = False

    @property
    def ok(self):
        return self.status in (OK, FRAGMENT_OK) and not self.exceptions and not self.page_not_found


@dataclass
class Node:
    kind: str
    proto: object
    fragment_id: str
    run_id: str
    element: bool


def user_key(element_id: str) -> str | None:
    m = _ID.match(element_id or "")
    k = m.group(2) if m else None
    return None if k in (None, "None", "") else k


class Session:
    def __init__(
        self,
        url,
        *,
        query="",
        timeout=60.0,
        use_cache=True,
        origin=None,
        headers=None,
        session_id=None,
        compression="deflate",
        locale="zh-CN",
        timezone="Asia/Shanghai",
        color_scheme="light",
    ):
        u = urlsplit(url if "//" in url else "http://" + url)
        base = u.path.rstrip("/")
        self.http = f"{u.scheme}://{u.netloc}{base}"
        self.ws_url = f"{'wss' if u.scheme == 'https' else 'ws'}://{u.netloc}{base}/_stcore/stream"
        self.query = query.lstrip("?")
        self.timeout = timeout
        self.use_cache = use_cache
        self._origin, self._headers, self._want_session, self._compression = (
            origin,
            headers,
            session_id,
            compression,
        )
        self._ctx = dict(
            timezone=timezone,
            timezone_offset=-480,
            locale=locale,
            is_embedded=False,
            color_scheme=color_scheme,
        )
        self.session_id = self.page_hash = self.main_hash = self.page_name = ""
        self.pages: list = []  # AppPage protos of st.navigation / pages/
        self.nodes: dict[tuple, Node] = {}  # delta_path -> Node
        self.states: dict[str, WidgetState] = {}
        self.auto_reruns: list = []
        self.last: Run | None = None
        self.title = None
        self._cache: dict[str, list] = {}
        self._max_age = 2
        self._pending: asyncio.Future | None = None
        self._run = Run()
        self._t0 = 0.0
        self._started = False
        self._cur = ("", ())
        self._frag_target = None

    # ---- connection -------------------------------------------------------------------------
    async def open(self):
        sub = ["streamlit", "PLACEHOLDER_AUTH_TOKEN"] + (
            [self._want_session] if self._want_session else []
        )
        self.ws = await websockets.connect(
            self.ws_url,
            subprotocols=sub,
            max_size=None,
            origin=self._origin,
            additional_headers=self._headers,
            compression=self._compression,
            open_timeout=self.timeout,
            ping_interval=None,
            proxy=None,
            max_queue=256,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def close(self):
        try:
            await self.ws.close()
        finally:
            self._reader.cancel()
            try:
                await self._reader
            except (asyncio.CancelledError, Exception):
                pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *a):
        await self.close()

    # ---- runs -------------------------------------------------------------------------------
    async def rerun(
        self, *, page_name=None, page_hash=None, fragment_id="", query=None, extra=()
    ) -> Run:
        """Send rerun_script and wait for its script_finished. Raises StreamlitError on timeout/disconnect."""
        if self._pending and not self._pending.done():
            raise StreamlitError("a run is already awaited on this session")
        if self._reader.done():
            raise StreamlitError("connection is closed")
        if query is not None:
            self.query = query.lstrip("?")
        m = BackMsg()
        c = m.rerun_script
        c.query_string = self.query
        c.fragment_id = fragment_id or ""
        c.page_script_hash = self.page_hash if page_hash is None else page_hash
        c.page_name = (page_name or "") if not c.page_script_hash else ""
        c.widget_states.widgets.extend(self.states.values())
        c.widget_states.widgets.extend(extra)
        if self.use_cache:
            c.cached_message_hashes.extend(self._cache)
        for k, v in self._ctx.items():
            setattr(c.context_info, k, v)
        c.context_info.url = f"{self.http}/{page_name or ''}" + (
            f"?{self.query}" if self.query else ""
        )
        self._run = Run()
        self._started = False
        self._frag_target = fragment_id or None
        self._pending = asyncio.get_running_loop().create_future()
        self._t0 = time.perf_counter()
        await self.ws.send(m.SerializeToString())
        try:
            await asyncio.wait_for(asyncio.shield(self._pending), self.timeout)
        except TimeoutError:
            self._pending = None
            raise StreamlitError(f"no script_finished within {self.timeout}s") from None
        self.last = self._run
        return self.last

    async def set_widget(self, ref, value, *, field=None, fragment="auto") -> Run:
        """Set one widget (user key, element id or label) and wait for the rerun it causes."""
        return await self.set_widgets({ref: value}, field=field, fragment=fragment)

    async def set_widgets(self, values: dict, *, field=None, fragment="auto") -> Run:
        extra, frag = [], ""
        for ref, v in values.items():
            n = self.find(ref)
            st = WidgetState(id=n.proto.id)
            f = field or VALUE_FIELD.get(n.kind)
            if not f:
                raise StreamlitError(f"no value field known for {n.kind}; pass field=")
            if f.endswith("_array_value"):
                getattr(st, f).data.extend(v if isinstance(v, (list, tuple)) else [v])
            elif f == "string_trigger_value":
                st.string_trigger_value.data = v
            elif f == "json_value":
                st.json_value = v if isinstance(v, str) else json.dumps(v)
            elif v is None:
                st = WidgetState(id=n.proto.id)
            else:
                setattr(st, f, v)
            if "trigger" in f:
                extra.append(st)  # triggers are one-shot: never kept
            else:
                self.states[n.proto.id] = st
            frag = n.fragment_id or frag
        if fragment == "auto":
            fragment = frag  # a widget inside a fragment reruns only that fragment
        return await self.rerun(fragment_id=fragment or "", extra=extra)

    async def click(self, ref) -> Run:
        return await self.set_widget(ref, True)

    async def goto(self, page, *, query="") -> Run:
        """Switch page in the same session: by url path, title, or script hash. '' is the main page."""
        for p in self.pages:
            if page in (p.url_pathname, p.page_name, p.page_script_hash) or (
                page == "" and p.is_default
            ):
                return await self.rerun(page_hash=p.page_script_hash, query=query)
        self.page_hash = ""
        return await self.rerun(page_hash="", page_name=page, query=query)

    # ---- what is on the page ----------------------------------------------------------------
    def find(self, ref) -> Node:
        hit = None
        for n in self.nodes.values():
            i = getattr(n.proto, "id", "")
            if not i:
                continue
            if ref == i or user_key(i) == ref:
                return n
            if hit is None and getattr(n.proto, "label", None) == ref:
                hit = n
        if hit is None:
            raise KeyError(f"no widget {ref!r}; have {self.widget_keys()}")
        return hit

    def widget_keys(self):
        return [
            user_key(n.proto.id) or getattr(n.proto, "label", "") or n.kind
            for n in self.nodes.values()
            if getattr(n.proto, "id", "") and n.kind in VALUE_FIELD
        ]

    def elements(self, kind):
        return [n.proto for _, n in sorted(self.nodes.items()) if n.kind == kind]

    def texts(self):
        return [p.body for p in self.elements("markdown")]

    # ---- protocol ---------------------------------------------------------------------------
    async def _read(self):
        try:
            async for data in self.ws:
                t = time.perf_counter()
                m = ForwardMsg()
                if isinstance(data, str):
                    continue
                m.ParseFromString(data)
                self._handle(m, t, len(data))
            err = StreamlitError("server closed the connection")
        except asyncio.CancelledError:
            raise
        except Exception as e:
            err = StreamlitError(f"connection lost: {e!r}")
        if self._pending and not self._pending.done():
            self._pending.set_exception(err)
            self._pending.exception()

    def _handle(self, m, t, size):
        r, kind = self._run, m.WhichOneof("type")
        r.bytes += size
        r.messages += 1
        if kind == "ref_hash":
            hit = self._cache.get(m.ref_hash)
            if hit is None:
                r.exceptions.append(("ClientCacheMiss", m.ref_hash))
                return
            hit[1] = 0
            r.ref_hits += 1
            meta = m.metadata
            m = ForwardMsg()
            m.CopyFrom(hit[0])
            m.metadata.CopyFrom(meta)
            kind = m.WhichOneof("type")
        elif m.metadata.cacheable and self.use_cache:
            self._cache[m.hash] = [m, 0]
        if kind == "new_session":
            ns = m.new_session
            if ns.HasField("initialize"):
                self.session_id = ns.initialize.session_id or self.session_id
            self._max_age = ns.config.max_cached_message_age or self._max_age
            frags = tuple(m.metadata.run.fragment_ids)
            # A background fragment run must not be mistaken for the run we asked for.
            self._cur = (m.metadata.run.script_run_id, frags)
            if self._frag_target is None and frags:
                return
            self._started = True
            self.main_hash = ns.main_script_hash
            if not frags and ns.page_script_hash:
                self.page_hash = ns.page_script_hash
            if ns.app_pages:
                self.pages = list(ns.app_pages)
        elif kind == "navigation":
            self.pages = list(m.navigation.app_pages)
            self.page_hash = m.navigation.page_script_hash or self.page_hash
        elif kind == "delta":
            self._delta(m, t)
        elif kind == "page_info_changed":
            self.query = m.page_info_changed.query_string
        elif kind == "page_config_changed":
            self.title = m.page_config_changed.title or self.title
        elif kind == "page_not_found":
            r.page_not_found = True
        elif kind == "auto_rerun":
            self.auto_reruns.append((m.auto_rerun.fragment_id, m.auto_rerun.interval))
        elif (
            kind == "session_event"
            and m.session_event.WhichOneof("type") == "script_compilation_exception"
        ):
            e = m.session_event.script_compilation_exception
            r.exceptions.append((e.type, e.message))
        elif kind == "script_finished":
            self._finished(m, t)

    def _delta(self, m, t):
        r = self._run
        r.deltas += 1
        dt = t - self._t0
        r.last_delta = dt
        if r.first_delta is None:
            r.first_delta = dt
        d, path = m.delta, tuple(m.metadata.delta_path)
        run = m.metadata.run.script_run_id or self._cur[0]
        which = d.WhichOneof("type")
        if which == "new_element":
            k = d.new_element.WhichOneof("type")
            p = getattr(d.new_element, k) if k else None
            if k == "exception":
                r.exceptions.append((p.type, p.message))
            for q in [q for q in self.nodes if len(q) > len(path) and q[: len(path)] == path]:
                del self.nodes[q]
            self.nodes[path] = Node(k or "empty", p, d.fragment_id, run, True)
        elif which == "add_block":
            k = d.add_block.WhichOneof("type") or "vertical"
            p = getattr(d.add_block, k, None)
            self.nodes[path] = Node(k, p, d.fragment_id, run, False)

    def _finished(self, m, t):
        st, (run, frags) = m.script_finished, self._cur
        mine = m.metadata.run.script_run_id in ("", run)
        if not (self._pending and not self._pending.done()) or not self._started or not mine:
            return
        if st == EARLY:
            self._run.reruns += 1
            return  # another run follows (st.rerun, superseded)
        r = self._run
        r.status = st
        r.fragment = st == FRAGMENT_OK
        r.seconds = t - self._t0
        # Drop what this run did not redraw, as the browser does. A fragment run only clears its own fragments.
        for p in [
            p
            for p, n in self.nodes.items()
            if n.run_id != run and (not r.fragment or n.fragment_id in frags)
        ]:
            del self.nodes[p]
        live = {n.proto.id for n in self.nodes.values() if getattr(n.proto, "id", "")}
        for i in [i for i in self.states if i not in live]:
            del self.states[i]
        for h in list(self._cache):
            self._cache[h][1] += 1
            if self._cache[h][1] > self._max_age:
                del self._cache[h]
        self._pending.set_result(None)


async def connect(url, page="", *, query="", run=True, **kw) -> Session:
    """Open a session and (unless run=False) run the page once; the timing is in session.last."""
    s = await Session(url, query=query, **kw).open()
    if run:
        try:
            await s.rerun(page_name=page)
        except BaseException:
            await s.close()
            raise
    return s

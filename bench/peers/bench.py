"""Ours beside peers: four numbers and three charts on the same ledger, one observer for all, interleaved.

    make bench-peers [ARGS="--rows 1000000 --rounds 4 --only ours,dash,panel,streamlit --ours .,OTHER_CHECKOUT"]

It runs with the dashboard's own Python; the peers have an environment of their own (requirements.txt).
--ours names checkouts of the dashboard (the first is `ours`, further ones by their folder's name); page_three.py is put into
their pages/ for the run. Cold: a new browser context until the last thing drawn in a chart. Warm: again in the same context.
Filter: from the click on an option to the last thing drawn in a chart. Server: its processor time a change, all its processes.
Compare within one run only.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import duckdb
from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
AREAS = ["安全生产", "城市管理", "应急处置", "交通运输", "生态环境"]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
OBSERVER = """window.b={drawn:0,acted:0};const seen=new WeakSet();
const mark=cs=>{for(const c of cs){const at=c.target.nodeType===1?c.target:c.target.parentElement;if(!at||at.closest('.hoverlayer'))continue;if(at.closest('.js-plotly-plot')){b.drawn=performance.now();return}}};
const watch=r=>{if(seen.has(r))return;seen.add(r);new MutationObserver(mark).observe(r,{subtree:true,childList:true,attributes:true,characterData:true})};
watch(document);const walk=(r,f)=>{for(const e of r.querySelectorAll('*'))if(e.shadowRoot){f(e.shadowRoot);walk(e.shadowRoot,f)}};setInterval(()=>walk(document,watch),100);
const plots=()=>{const o=[...document.querySelectorAll('.js-plotly-plot')];walk(document,r=>o.push(...r.querySelectorAll('.js-plotly-plot')));return o};
for(const a of ['pointerdown','change'])addEventListener(a,()=>b.acted=performance.now(),true);
window.ready=q=>plots().length>=3&&plots().every(p=>p.querySelector('.main-svg'))&&b.drawn>0&&performance.now()-Math.max(b.drawn,b.acted)>q;"""


def stat(pid):
    """The fields of a process behind its name: state, parent, …"""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def family(pid):
    """A process and all that it has started."""
    kids, out, todo = {}, [], [pid]
    for d in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            kids.setdefault(int(stat(d)[1]), []).append(int(d))
    while todo:
        out.append(p := todo.pop())
        todo += kids.get(p, [])
    return out


def cpu(pid):
    """The processor time of a family so far, in ms."""
    total = 0
    for p in family(pid):
        with contextlib.suppress(OSError):
            total += sum(map(int, stat(p)[11:13]))
    return total / os.sysconf("SC_CLK_TCK") * 1000


def choose(page, kind, area):
    if kind == "panel":
        box = page.locator("select").first
        page.evaluate("b.acted=0")
        box.evaluate(
            "e=>e.addEventListener('change',()=>{b.acted=performance.now()},{capture:true,once:true})"
        )
        box.select_option(area)
    else:
        where = {
            "ours": ".field summary:has-text('执法领域')",
            "streamlit": "[data-testid=stSelectbox] input, [data-testid=stSelectbox] [role=combobox]",
            "dash": "#area",
        }[kind]
        options = ".dash-dropdown-option, .VirtualizedSelectOption, [role=option], .list button"
        option = page.locator(options, has_text=area).first
        if not option.is_visible():  # ours stays open
            page.locator(where).first.click()
        option.wait_for()
        option.click()
    page.wait_for_function("q=>b.drawn>b.acted&&ready(q)", arg=500, polling=50)
    return page.evaluate("b.drawn-b.acted")


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--rows", type=int, default=10000)
    ask.add_argument("--rounds", type=int, default=4)
    ask.add_argument("--only", default="ours,streamlit,dash,panel")
    ask.add_argument("--ours", default=".")
    ask.add_argument("--peers-python", default=sys.executable)
    a = ask.parse_args()
    work = pathlib.Path(tempfile.mkdtemp())
    ours = [pathlib.Path(d).resolve() for d in a.ours.split(",")]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "qmg_dash",
            "demo",
            "--out",
            work / "town",
            "--rows",
            str(a.rows),
            "--format",
            "parquet",
            "--seed",
            "3",
        ],
        cwd=ours[0],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    flat = work / "actions.parquet"
    duckdb.execute(f"""COPY (SELECT coalesce(decided_on, opened_on) AS day, action_type AS type, coalesce(area, '未填') AS area, coalesce(fine_yuan, 0)::double AS fine,
        CASE WHEN action_type = '行政处罚' THEN decided_on - opened_on END AS days
        FROM read_parquet('{work}/town/ledgers/enforcement_actions/**/*.parquet', hive_partitioning = true)) TO '{flat}'""")
    env = {
        **os.environ,
        "PEERS_PARQUET": str(flat),
        "QMG_DATA_DIR": str(work / "town"),
        "PYTHONPATH": f"{HERE}:{HERE / 'apps'}",
    }
    mods = [a.peers_python, "-m"]
    peers = {}
    for n, d in enumerate(ours):
        peers["ours" if n == 0 else d.name] = (
            "ours",
            lambda p, d=d: ([sys.executable, "server.py", "--port", str(p)], d),
            "/three?year=2023",
        )
    peers |= {
        "streamlit": (
            "streamlit",
            lambda p: (
                [
                    sys.executable,
                    "-m",
                    "streamlit",
                    "run",
                    str(HERE / "apps/st_duck.py"),
                    "--server.port",
                    str(p),
                    "--server.address",
                    "127.0.0.1",
                    "--server.headless",
                    "true",
                    "--browser.gatherUsageStats",
                    "false",
                    "--server.fileWatcherType",
                    "none",
                ],
                HERE,
            ),
            "/",
        ),
        "dash": (
            "dash",
            lambda p: (
                [
                    *mods,
                    "gunicorn",
                    "-w",
                    "1",
                    "--threads",
                    "8",
                    "-b",
                    f"127.0.0.1:{p}",
                    "dash_duck:server",
                ],
                HERE,
            ),
            "/",
        ),
        "panel": (
            "panel",
            lambda p: (
                [
                    *mods,
                    "panel",
                    "serve",
                    str(HERE / "apps/panel_duck.py"),
                    "--port",
                    str(p),
                    "--address",
                    "127.0.0.1",
                    "--allow-websocket-origin",
                    f"127.0.0.1:{p}",
                ],
                HERE,
            ),
            "/panel_duck",
        ),
    }
    wanted = set(a.only.split(",")) | {d.name for d in ours[1:]}
    peers = {k: v for k, v in peers.items() if k in wanted}
    own = [d / "bench/peers/page_three.py" for d in ours]  # a checkout's own page fits its modules
    placed = [
        shutil.copy(o if o.exists() else HERE / "page_three.py", d / "pages/three.py")
        for o, d in zip(own, ours, strict=False)
    ]
    seen = {n: {"cold": [], "warm": [], "filter": [], "server": [], "mb": 0.0} for n in peers}
    running = {}
    try:
        for n, (kind, command, _) in peers.items():
            port = 18700 + len(running)
            line, folder = command(port)
            e = env if kind != "ours" else {k: v for k, v in env.items() if k != "PYTHONPATH"}
            running[n] = (
                subprocess.Popen(
                    line, env=e, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                ),
                port,
            )
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30)
                    break
                except OSError:
                    time.sleep(0.2)
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGS
            )
            for r in range(a.rounds + 1):  # round 0 is a warm-up
                for n, (kind, _, path) in peers.items():
                    process, port = running[n]
                    context = browser.new_context(
                        viewport={"width": 1920, "height": 1080}, locale="zh-CN"
                    )
                    context.add_init_script(OBSERVER)
                    page = context.new_page()
                    page.set_default_timeout(60000)
                    got = [0]
                    cdp = context.new_cdp_session(page)
                    cdp.send("Network.enable")
                    cdp.on(
                        "Network.loadingFinished",
                        lambda e, got=got: got.__setitem__(0, got[0] + e["encodedDataLength"]),
                    )
                    times = []
                    for _ in ("cold", "warm"):
                        page.goto(f"http://127.0.0.1:{port}{path}", wait_until="commit")
                        page.wait_for_function("q=>window.ready&&ready(q)", arg=600, polling=50)
                        times.append(page.evaluate("b.drawn"))
                        if len(times) == 1:
                            seen[n]["mb"] = got[0] / 1e6
                            fresh = context.new_page()
                            fresh.set_default_timeout(60000)
                            page.close()
                            page = fresh
                    before = cpu(process.pid)
                    changes = [
                        choose(page, kind, AREAS[(r * 4 + k) % len(AREAS)]) for k in range(4)
                    ]
                    used = (cpu(process.pid) - before) / 4
                    context.close()
                    if r:
                        seen[n]["cold"].append(times[0])
                        seen[n]["warm"].append(times[1])
                        seen[n]["filter"] += changes
                        seen[n]["server"].append(used)
            browser.close()
    finally:
        for process, _ in running.values():
            process.terminate()
        for path in placed:
            pathlib.Path(path).unlink(missing_ok=True)
        shutil.rmtree(work, ignore_errors=True)

    def show(v):
        return f"{statistics.median(v):6.0f} ({min(v):.0f}-{max(v):.0f})" if v else "-"

    print(f"{a.rows} rows, {a.rounds} rounds, ms")
    for n, d in seen.items():
        print(
            f"{n:10} cold {show(d['cold'])}  warm {show(d['warm'])}  filter {show(d['filter'])}  server {show(d['server'])}  {d['mb']:.2f} MB"
        )


if __name__ == "__main__":
    main()

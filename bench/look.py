#!/usr/bin/env python3
"""See every screen as its audience will, and measure what they would complain of.

    python ../shared/tools/look.py [--url http://127.0.0.1:8501] [--out shots] [--pages /,/power_list,...] [--query data=demo]

Without --url it starts `streamlit run app.py` itself on a free port (with the Python that runs this
script) and stops it at the end. It opens every page (those of the sidebar, unless --pages names them) in
seven settings: desk 1920x1080, laptop 1366x768, phone 390x844, and the meeting mode (?present=true) on
projectors of 1920x1080, 1366x768, 1280x720 and 1024x768. It saves one PNG each under --out and
prints a row each; the last line is `N faults`, and the exit status is 1 where N > 0.

Needs: pip install playwright axe-playwright-python; a Chromium (CHROMIUM=/path, default /usr/bin/chromium)
and a Chinese font (Debian: chromium fonts-noto-cjk).

What counts as a fault:
  error      an exception box on the page, or the page never came to rest within 20 s
  wide       the page scrolls sideways
  tall       meeting mode only: the page does not fit on one screen
  small      meeting mode only: visible text under 1/54 of the screen's height (20 px on 1080)
  cut        visible text cut off by its box or its chart's edge, tables aside
  overlap    two pieces of visible text lie on one another
  spill      meeting mode only: a container holds more than it shows
  outside    a request that left this machine (a CDN, a font, telemetry): an intranet has none
  console    an error in the browser's console
  axe        a serious or critical accessibility violation (WCAG 2.1 A/AA)
  lang       the page does not call itself Chinese (<html lang="zh...">)
"""

from __future__ import annotations

import argparse
import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.parse

from playwright.sync_api import sync_playwright

SETTINGS = [
    ("desk", 1920, 1080, False),
    ("laptop", 1366, 768, False),
    ("phone", 390, 844, False),
    ("projector-hd", 1920, 1080, True),
    ("projector-wxga", 1366, 768, True),
    ("projector-720", 1280, 720, True),
    ("projector-xga", 1024, 768, True),
]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

JS_TEXT = r"""() => {
  const out = [], main = document.querySelector('[data-testid=stMain]') || document.body;
  const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const n = walk.currentNode, e = n.parentElement, t = n.textContent.trim();
    if (!t || !e) continue;
    const s = getComputedStyle(e); if (s.visibility === 'hidden' || s.display === 'none' || +s.opacity === 0) continue;
    if (s.fontFamily.includes('Material')) continue;
    const r = document.createRange(); r.selectNodeContents(n); const b = r.getBoundingClientRect();
    if (b.width < 2 || b.height < 2) continue;
    let px = parseFloat(s.fontSize);
    const svg = e.closest('svg'); if (svg && e.getScreenCTM) { const m = e.getScreenCTM(); if (m) px *= Math.hypot(m.a, m.b); }
    let cut = false;
    if (!svg && !e.closest('[data-testid=stDataFrame],table'))
      for (let p = e, i = 0; p && i < 4; p = p.parentElement, i++) {
        const o = getComputedStyle(p);
        if ((o.overflowX !== 'visible' || o.overflowY !== 'visible') && o.overflowY !== 'auto' && o.overflowY !== 'scroll') {
          const q = p.getBoundingClientRect();
          if (b.right > q.right + 2 || b.bottom > q.bottom + 4) cut = true; break; } }
    if (svg) { let q = svg; while (q.parentElement.closest('svg')) q = q.parentElement.closest('svg'); q = q.getBoundingClientRect();
      if (b.left < q.left - 2 || b.right > q.right + 2 || b.top < q.top - 2 || b.bottom > q.bottom + 2) cut = true; }
    const seen = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);
    out.push({t: t.slice(0, 30), px: Math.round(px * 10) / 10, cut, svg: !!svg,
              lines: [...r.getClientRects()].map(q => [q.left, q.top + q.height * .22, q.right, q.bottom - q.height * .22]),
              shown: !seen || svg || e.contains(seen) || seen.contains(e)});
  }
  const overlaps = [];
  for (let i = 0; i < out.length; i++) for (let j = i + 1; j < out.length; j++) {
    if (out[i].shown && out[j].shown && out[i].lines.some(([l, t, r, o]) => out[j].lines.some(([x, y, z, w]) => {
      const dx = Math.min(r, z) - Math.max(l, x), dy = Math.min(o, w) - Math.max(t, y);
      return dx > 2 && dy > 2 && dx * dy > 0.15 * Math.min((r - l) * (o - t), (z - x) * (w - y)); })))
      overlaps.push(out[i].t + ' / ' + out[j].t); }
  const spill = [...main.querySelectorAll('[class*=st-key-],[data-testid=stVerticalBlock],[data-testid=stHtml]')]
    .filter(e => e.clientHeight > 20 && e.scrollHeight > e.clientHeight + 10).map(e => (e.className.match(/st-key-\S+/) || [e.dataset.testid])[0]);
  const sc = document.querySelector('[data-testid=stMain]') || document.scrollingElement;
  return {texts: out, overlaps, spill, tall: Math.max(sc.scrollHeight - sc.clientHeight, document.scrollingElement.scrollHeight - innerHeight),
          wide: Math.max(sc.scrollWidth - sc.clientWidth, document.scrollingElement.scrollWidth - innerWidth),
          lang: document.documentElement.lang, errors: document.querySelectorAll('[data-testid=stException]').length};
}"""


def rest(page, limit: float = 20.0) -> bool:
    """Wait until the app has drawn and nothing has changed for 0.7 s."""
    end, last, since = time.time() + limit, None, time.time()
    while time.time() < end:
        now = page.evaluate("""() => { const a = document.querySelector('[data-testid=stApp]');
          const run = a && a.getAttribute('data-test-script-state');
          return [run, document.querySelectorAll('[data-testid=stSkeleton]').length, document.body.innerHTML.length,
                  document.querySelectorAll('.main-svg').length].join('|') }""")
        busy = now.startswith("running") or "|0|" not in now
        if busy or now != last:
            last, since = now, time.time()
        elif time.time() - since > 0.7 and page.query_selector("[data-testid=stMain]"):
            return True
        time.sleep(0.1)
    return False


def main() -> int:
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--url")
    ap.add_argument("--out", default="shots")
    ap.add_argument("--pages")
    ap.add_argument("--query", default="")
    ap.add_argument("--only", help="settings, comma-separated")
    ap.add_argument("--no-axe", action="store_true")
    a = ap.parse_args()
    out = pathlib.Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    server = None
    if not a.url:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                "app.py",
                "--server.port",
                str(port),
                "--server.address",
                "127.0.0.1",
                "--server.headless",
                "true",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        a.url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 0.3).close()
                break
            except OSError:
                time.sleep(0.2)
    faults = 0
    try:
        with sync_playwright() as pw:
            b = pw.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=ARGS
            )
            pages = a.pages.split(",") if a.pages else []
            if not pages:
                p = b.new_page(viewport={"width": 1920, "height": 1080})
                p.goto(a.url)
                rest(p)
                pages = [
                    urllib.parse.urlparse(h).path or "/"
                    for h in p.eval_on_selector_all(
                        "[data-testid=stSidebarNavLink]", "e => e.map(x => x.href)"
                    )
                ] or ["/"]
                p.close()
            for path in pages:
                for name, w, h, present in SETTINGS:
                    if a.only and name not in a.only.split(","):
                        continue
                    q = "&".join(x for x in [a.query, "present=true" if present else ""] if x)
                    ctx = b.new_context(viewport={"width": w, "height": h}, locale="zh-CN")
                    p = ctx.new_page()
                    outside, console = [], []
                    host = urllib.parse.urlparse(a.url).netloc
                    p.on(
                        "request",
                        lambda r: (
                            outside.append(r.url)
                            if r.url.startswith(("http", "ws"))
                            and urllib.parse.urlparse(r.url).netloc != host
                            else None
                        ),
                    )
                    # Streamlit asks for its own health below a page's path first, and is told 404: not the app's doing
                    p.on(
                        "console",
                        lambda m: (
                            console.append(m.text[:90])
                            if m.type == "error" and "Failed to load resource" not in m.text
                            else None
                        ),
                    )
                    p.on(
                        "response",
                        lambda r: (
                            console.append(f"{r.status} {r.url[-60:]}")
                            if r.status >= 400 and "_stcore/" not in r.url
                            else None
                        ),
                    )
                    t = time.perf_counter()
                    p.goto(a.url + path + ("?" + q if q else ""))
                    ok = rest(p)
                    took = time.perf_counter() - t - 0.7
                    m = p.evaluate(JS_TEXT)
                    least = min((x["px"] for x in m["texts"]), default=0)
                    bad = []
                    if not ok or m["errors"]:
                        bad.append(f"error({m['errors']}{'' if ok else ', never at rest'})")
                    if m["wide"] > 2:
                        bad.append(f"wide(+{m['wide']}px)")
                    if present and m["tall"] > 2:
                        bad.append(f"tall(+{m['tall']}px)")
                    if present and least < h / 54:
                        bad.append(
                            f"small({least}px: {next(x['t'] for x in m['texts'] if x['px'] == least)})"
                        )
                    cut = [x["t"] for x in m["texts"] if x["cut"]]
                    if cut:
                        bad.append(f"cut({len(cut)}: {cut[0]})")
                    if m["overlaps"]:
                        bad.append(f"overlap({len(m['overlaps'])}: {m['overlaps'][0]})")
                    if present and m["spill"]:
                        bad.append(f"spill({', '.join(sorted(set(m['spill']))[:3])})")
                    if outside:
                        bad.append(f"outside({len(outside)}: {outside[0][:60]})")
                    if console:
                        bad.append(f"console({len(console)}: {console[0]})")
                    if not m["lang"].startswith("zh"):
                        bad.append(f"lang({m['lang']})")
                    if not a.no_axe and name in ("desk", "projector-hd"):
                        from axe_playwright_python.sync_playwright import Axe

                        v = [
                            x
                            for x in Axe().run(p).response["violations"]
                            if x["impact"] in ("serious", "critical")
                        ]
                        if v:
                            bad.append(
                                "axe(" + ", ".join(f"{x['id']}x{len(x['nodes'])}" for x in v) + ")"
                            )
                    shot = out / f"{path.strip('/') or 'home'}-{name}.png"
                    p.screenshot(path=str(shot))
                    faults += len(bad)
                    print(
                        f"{path:<16}{name:<14}{took:5.1f}s  least {least:>5}px  {'; '.join(bad) or 'ok'}",
                        flush=True,
                    )
                    ctx.close()
            b.close()
    finally:
        if server:
            server.terminate()
    print(f"{faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

// Installed in every page of the tests: whether the screen stands still, and what an audience
// would complain of (bench/look.py measures the same at seven sizes).
(() => {
  const seen = {changed: performance.now()};
  // What went before does not count: a click or a step back is answered a little later.
  seen.anew = () => { seen.changed = performance.now(); };
  new MutationObserver(() => { seen.changed = performance.now(); })
    .observe(document, {subtree: true, childList: true, attributes: true, characterData: true});

  // Drawn, idle, and unchanged for a while: a run that reports the screen's size follows the first.
  seen.still = quiet => {
    const app = document.querySelector("[data-testid=stApp]");
    if (!app || app.dataset.testScriptState !== "notRunning") return false;
    if (!document.querySelector("h1.title, [data-testid=stException]")) return false;
    if (!seen.whole()) return false;
    if (document.querySelector("[data-testid=stSkeleton], [data-stale=true]")) return false;
    const charts = [...document.querySelectorAll(".drawn")].filter(visible);
    if (!charts.every(c => c.querySelector(".main-svg"))) return false;
    return performance.now() - seen.changed > quiet;
  };

  const visible = e => {
    const s = getComputedStyle(e);
    return s.visibility !== "hidden" && s.display !== "none" && +s.opacity !== 0;
  };

  // The words of the first such element that can be seen: a meeting's other slides stand behind it.
  seen.says = what => [...document.querySelectorAll(what)].find(visible)?.innerText ?? "";
  seen.whole = () => !window.__meeting || window.__meeting.data.whole;

  function* texts(root) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const said = walk.currentNode.textContent.trim(), e = walk.currentNode.parentElement;
      if (!said || !e || !visible(e) || getComputedStyle(e).fontFamily.includes("Material")) continue;
      const range = document.createRange();
      range.selectNodeContents(walk.currentNode);
      const box = range.getBoundingClientRect();
      if (box.width >= 2 && box.height >= 2) yield {said, e, range, box};
    }
  }

  function size(e) {
    let px = parseFloat(getComputedStyle(e).fontSize);
    const matrix = e.closest("svg") && e.getScreenCTM && e.getScreenCTM();
    return matrix ? px * Math.hypot(matrix.a, matrix.b) : px;
  }

  // Beyond the box that clips it (tables scroll), or beyond its chart's edge.
  function cut({e, box}) {
    let svg = e.closest("svg");
    if (svg) {
      while (svg.parentElement.closest("svg")) svg = svg.parentElement.closest("svg");
      const q = svg.getBoundingClientRect();
      return box.left < q.left - 2 || box.right > q.right + 2 || box.top < q.top - 2 || box.bottom > q.bottom + 2;
    }
    const number = e.closest(".num > .lab, .num > .val, .num > .note");
    if (number && box.right > number.parentElement.getBoundingClientRect().right + 2) return true;
    if (e.closest("[data-testid=stDataFrame], table")) return false;
    for (let p = e, i = 0; p && i < 4; p = p.parentElement, i++) {
      const s = getComputedStyle(p), scrolls = s.overflowY === "auto" || s.overflowY === "scroll";
      if ((s.overflowX !== "visible" || s.overflowY !== "visible") && !scrolls) {
        const q = p.getBoundingClientRect();
        return box.right > q.right + 2 || box.bottom > q.bottom + 4;
      }
    }
    return false;
  }

  // Two texts share more than a seventh of a line.
  const over = (a, b) => a.some(([l, t, r, o]) => b.some(([x, y, z, w]) => {
    const dx = Math.min(r, z) - Math.max(l, x), dy = Math.min(o, w) - Math.max(t, y);
    return dx > 2 && dy > 2 && dx * dy > 0.15 * Math.min((r - l) * (o - t), (z - x) * (w - y));
  }));

  seen.measure = () => {
    const main = document.querySelector("[data-testid=stMain], main"), found = [...texts(main)];
    const lines = found.map(({range}) => [...range.getClientRects()]
      .map(q => [q.left, q.top + q.height * .22, q.right, q.bottom - q.height * .22]));
    const shown = found.map(({e, box}) => {
      const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      return !top || !!e.closest("svg") || e.contains(top) || top.contains(e);
    });
    const overlaps = [];
    for (let i = 0; i < found.length; i++) for (let j = i + 1; j < found.length; j++)
      if (shown[i] && shown[j] && over(lines[i], lines[j])) overlaps.push(`${found[i].said} / ${found[j].said}`);
    const boxes = [...main.querySelectorAll(".slot, .slide, .held, .place, .cols, .chart, [class*=st-key-]")];
    const spill = boxes.filter(e => e.clientHeight > 20 && e.scrollHeight > e.clientHeight + 10)
      .map(e => e.className);
    const page = document.scrollingElement;
    const least = Math.min(...found.map(({e}) => size(e)));
    return {
      errors: document.querySelectorAll("[data-testid=stException]").length,
      tall: Math.max(main.scrollHeight - main.clientHeight, page.scrollHeight - innerHeight),
      wide: Math.max(main.scrollWidth - main.clientWidth, page.scrollWidth - innerWidth),
      number: Math.min(...[...main.querySelectorAll(".num .val:not(.word)")].filter(visible).map(size)),
      least, smallest: found.find(({e}) => size(e) === least)?.said,
      cut: found.filter(cut).map(({said}) => said), overlaps, spill: [...new Set(spill)],
      lang: document.documentElement.lang,
    };
  };

  // Every word that can be read, menu and widgets included, and the words that only a screen
  // reader says where they are ours.
  seen.words = () => [
    ...[...texts(document.body)].map(({said}) => said),
    ...[...document.querySelectorAll("input, textarea")].filter(e => visible(e) && !e.value).map(e => e.placeholder),
    ...[...document.querySelectorAll(".q [aria-label], .q[aria-label], .q [title]")]
      .flatMap(e => [e.getAttribute("aria-label"), e.getAttribute("title")]),
    document.title,
  ].filter(Boolean);

  // Each chart's traces, and what stands of them in the picture.
  seen.charts = () => [...document.querySelectorAll(".js-plotly-plot")].filter(visible).map(plot => ({
    traces: plot.data.map(t => ({type: t.type ?? "scatter", points: (t.y ?? []).filter(v => v !== null).length, mode: t.mode ?? ""})),
    bars: plot.querySelectorAll(".barlayer .point").length,
    lines: plot.querySelectorAll(".scatterlayer .trace").length,
    heats: plot.querySelectorAll(".heatmaplayer image").length,
    names: [...plot.querySelectorAll(".yaxislayer-above text, .yaxislayer-below text")].map(t => t.textContent.trim()),
    labels: [...plot.querySelectorAll(".barlayer .point text")].map(t => t.textContent.replace(/\s+/g, " ").trim()),
    alt: plot.closest("[aria-label]")?.getAttribute("aria-label") ?? "",
    fills: [...plot.querySelectorAll(".barlayer .point path")].map(p => p.style.fill),
    area: plot.getBoundingClientRect().width * plot.getBoundingClientRect().height,
  }));
  window.__seen = seen;
})();

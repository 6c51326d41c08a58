// How much of each panel is filled: the share of what lies between its head and its foot that boxes of
// text and of marks cover. `panels` is a selector; the answer has {name, share} of each one outermost.
//
// A box is a line of text, a mark (what has a ground or a frame of its own and holds no words, or is no
// higher than a few lines), a field, a picture, the plot of a chart. A line of a table's row, or of a block
// under a rule, counts over the whole width of it; so does a mark of a chart with a row a category. Each
// box grows by half a gap on every side: rows that stand no more than a gap apart leave no hole.
(panels) => {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const GAP = { x: 3.2 * rem, y: 2.4 * rem };
  const ROW = 6 * rem;
  const CELL = rem / 5;
  const PARTS = 3; // with fewer points a plot is no picture of anything: only its marks count
  const MARKS = "path, rect, circle, ellipse, line, polyline, polygon, image, use";

  const seen = (style) => style.visibility !== "hidden" && style.display !== "none" && +style.opacity > 0;
  const alpha = (colour) => (colour === "transparent" ? 0 : +(colour.match(/[,/]\s*([\d.]+)\)$/)?.[1] ?? 1));
  const drawn = (style, side) => parseFloat(style[`border${side}Width`]) > 0
    && !["none", "hidden"].includes(style[`border${side}Style`]) && alpha(style[`border${side}Color`]) > 0;
  const boxOf = ({ left, right, top, bottom }) => ({ left, right, top, bottom });
  const across = (box, wide) => ({
    ...box, left: Math.min(box.left, wide.left), right: Math.max(box.right, wide.right),
  });
  const union = (boxes) => ({
    left: Math.min(...boxes.map((b) => b.left)), right: Math.max(...boxes.map((b) => b.right)),
    top: Math.min(...boxes.map((b) => b.top)), bottom: Math.max(...boxes.map((b) => b.bottom)),
  });
  const sized = (box) => box.right - box.left > 0.5 || box.bottom - box.top > 0.5;

  // What a text or mark stands in beside others: the row of a table or grid, the block under a rule.
  const rowOf = (element, panel) => {
    for (let at = element; at && at !== panel; at = at.parentElement) {
      if (at.tagName === "TR") return at;
      const style = getComputedStyle(at);
      const framed = drawn(style, "Left") || drawn(style, "Right");
      if (!framed && (drawn(style, "Top") || drawn(style, "Bottom"))) return at;
      const beside = /grid|flex/.test(style.display) && !style.flexDirection.startsWith("column");
      if (beside && at.children.length > 1 && at.getBoundingClientRect().height <= ROW) return at;
    }
    return null;
  };
  const inRow = (box, element, panel) => {
    const row = rowOf(element, panel);
    return row ? across(boxOf(box), row.getBoundingClientRect()) : boxOf(box);
  };

  function* texts(panel, head) {
    const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const element = node.parentElement;
      if (!node.textContent.trim() || head?.contains(element) || !seen(getComputedStyle(element))) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const own = element.closest("svg");
      for (const line of range.getClientRects()) yield own ? boxOf(line) : inRow(line, element, panel);
    }
  }

  function* marks(panel, head) {
    for (const element of panel.querySelectorAll("*")) {
      if (head?.contains(element) || element.closest("svg, .js-plotly-plot")) continue;
      const style = getComputedStyle(element);
      if (!seen(style)) continue;
      const box = element.getBoundingClientRect();
      const worded = element.textContent.trim() !== "";
      const held = ["INPUT", "SELECT", "TEXTAREA", "IMG", "CANVAS"].includes(element.tagName);
      const ground = alpha(style.backgroundColor) > 0.02;
      const sides = ["Top", "Bottom", "Left", "Right"].filter((side) => drawn(style, side)).length;
      const small = box.height <= ROW;
      const own = worded ? small && (ground || sides === 4) : ground || (small && sides);
      if (held || own) yield inRow(box, element, panel);
    }
  }

  const shown = (svgMarks) => svgMarks
    .filter((mark) => seen(getComputedStyle(mark)) && !mark.closest("defs, clipPath, .hoverlayer, .draglayer"))
    .map((mark) => boxOf(mark.getBoundingClientRect())).filter(sized);

  // A picture of its own counts by the box of its marks; what is no higher than a letter is an icon.
  function* pictures(panel) {
    for (const svg of panel.querySelectorAll("svg")) {
      if (svg.parentElement.closest("svg") || svg.closest(".js-plotly-plot")) continue;
      const found = shown([...svg.querySelectorAll(MARKS)]);
      if (found.length) yield union(found);
    }
  }

  function* plots(panel) {
    for (const chart of panel.querySelectorAll(".js-plotly-plot")) {
      const layout = chart._fullLayout ?? {};
      const at = chart.getBoundingClientRect();
      for (const [name, plot] of Object.entries(layout._plots ?? {})) {
        const group = chart.querySelector(`.cartesianlayer .subplot.${name}`);
        if (!group) continue;
        const found = shown([...group.querySelectorAll(`.mlayer :is(${MARKS})`)]);
        if (!found.length) continue;
        const { xaxis, yaxis } = plot;
        const area = {
          left: at.left + xaxis._offset, right: at.left + xaxis._offset + xaxis._length,
          top: at.top + yaxis._offset, bottom: at.top + yaxis._offset + yaxis._length,
        };
        const many = chart.calcdata.some((points) => points.length >= PARTS);
        if (yaxis.type === "category") yield* found.map((box) => across(box, area));
        else yield many ? area : union(found);
      }
    }
  }

  const inside = (panel, head) => {
    const box = panel.getBoundingClientRect();
    const style = getComputedStyle(panel);
    const edge = (side) => parseFloat(style[`padding${side}`]) + parseFloat(style[`border${side}Width`]);
    return {
      left: box.left + edge("Left"), right: box.right - edge("Right"), bottom: box.bottom - edge("Bottom"),
      top: head ? head.getBoundingClientRect().bottom : box.top + edge("Top"),
    };
  };

  const share = (panel) => {
    const head = panel.querySelector("h2");
    const whole = inside(panel, head);
    const [wide, high] = [Math.round((whole.right - whole.left) / CELL), Math.round((whole.bottom - whole.top) / CELL)];
    if (wide < 1 || high * CELL <= GAP.y) return 1; // a line has no room to be empty
    const cells = new Uint8Array(wide * high);
    for (const box of [...texts(panel, head), ...marks(panel, head), ...pictures(panel), ...plots(panel)]) {
      const x = [box.left - GAP.x / 2, box.right + GAP.x / 2].map((v) => Math.round((v - whole.left) / CELL));
      const y = [box.top - GAP.y / 2, box.bottom + GAP.y / 2].map((v) => Math.round((v - whole.top) / CELL));
      const [left, right] = [Math.max(0, x[0]), Math.min(wide, x[1])];
      for (let row = Math.max(0, y[0]); row < Math.min(high, y[1]) && right > left; row += 1) {
        cells.fill(1, row * wide + left, row * wide + right);
      }
    }
    return cells.reduce((sum, cell) => sum + cell, 0) / cells.length;
  };

  return [...document.querySelectorAll(panels)]
    .filter((panel) => !panel.parentElement.closest(panels) && seen(getComputedStyle(panel)))
    .filter((panel) => panel.getBoundingClientRect().height > 0)
    .map((panel) => ({
      name: (panel.querySelector("h2")?.firstChild?.textContent ?? panel.textContent).trim().slice(0, 20),
      share: share(panel),
    }));
}

// What an audience would complain of on the page that is shown; see look.py for the words.
() => {
  const seen = document.querySelector(".slide.seen"); // in a meeting all slides stand on the page
  const main = seen || document.querySelector("[data-testid=stMain]") || document.body;
  const scroller = document.querySelector("[data-testid=stMain]") || document.scrollingElement;
  const page = document.scrollingElement;

  const outermost = (svg) => {
    const above = svg.parentElement.closest("svg");
    return above ? outermost(above) : svg;
  };
  // A box that hides what reaches beyond it cuts text; one that scrolls does not, nor does a table.
  const cutByBox = (element, box) => {
    if (element.closest("[data-testid=stDataFrame], table")) return false;
    for (let at = element, steps = 0; at && steps < 4; at = at.parentElement, steps += 1) {
      const style = getComputedStyle(at);
      const scrolls = ["auto", "scroll"].includes(style.overflowY);
      if (scrolls || (style.overflowX === "visible" && style.overflowY === "visible")) continue;
      const edge = at.getBoundingClientRect();
      return box.right > edge.right + 2 || box.bottom > edge.bottom + 4;
    }
    return false;
  };
  const cutByChart = (svg, box) => {
    const edge = outermost(svg).getBoundingClientRect();
    return box.left < edge.left - 2 || box.right > edge.right + 2
      || box.top < edge.top - 2 || box.bottom > edge.bottom + 2;
  };
  const fontSize = (element, style) => {
    const matrix = element.closest("svg") && element.getScreenCTM && element.getScreenCTM();
    return parseFloat(style.fontSize) * (matrix ? Math.hypot(matrix.a, matrix.b) : 1);
  };
  const textOf = (node) => {
    const element = node.parentElement;
    const words = node.textContent.trim();
    if (!words || !element) return null;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden" || style.display === "none") return null;
    if (+style.opacity === 0 || style.fontFamily.includes("Material")) return null; // or an icon
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return null;
    const svg = element.closest("svg");
    const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
      words: words.slice(0, 30),
      px: Math.round(fontSize(element, style) * 10) / 10,
      cut: svg ? cutByChart(svg, box) : cutByBox(element, box),
      shown: !seen || Boolean(svg) || element.contains(seen) || seen.contains(element),
      // A line's box is taller than its letters.
      lines: [...range.getClientRects()].map((line) => ({
        left: line.left, right: line.right,
        top: line.top + line.height * 0.22, bottom: line.bottom - line.height * 0.22,
      })),
    };
  };
  const area = (line) => (line.right - line.left) * (line.bottom - line.top);
  const overlap = (one, other) => {
    const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
    return wide > 2 && high > 2 && wide * high > 0.15 * Math.min(area(one), area(other));
  };

  const texts = [];
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = textOf(walker.currentNode);
    if (text) texts.push(text);
  }
  const overlaps = [];
  const shown = texts.filter((text) => text.shown);
  shown.forEach((one, i) => shown.slice(i + 1).forEach((other) => {
    if (one.lines.some((a) => other.lines.some((b) => overlap(a, b)))) {
      overlaps.push(`${one.words} / ${other.words}`);
    }
  }));
  const containers = ".panel, .slot, .slide, .held, .place, .cols, .chart, [class*=st-key-p_]";
  const spill = [main, ...main.querySelectorAll(containers)]
    .filter((box) => box.matches(containers))
    .filter((box) => box.clientHeight > 20 && box.scrollHeight > box.clientHeight + 10)
    .map((box) => box.className);
  const over = (side) => Math.max(
    scroller[`scroll${side}`] - scroller[`client${side}`],
    page[`scroll${side}`] - window[`inner${side}`],
  );
  return {
    texts: texts.map(({ words, px, cut }) => ({ words, px, cut })),
    overlaps, spill: [...new Set(spill)],
    tall: over("Height"), wide: over("Width"),
    lang: document.documentElement.lang,
    errors: document.querySelectorAll("[data-testid=stException]").length,
  };
}

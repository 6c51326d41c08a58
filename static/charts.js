// Charts: figures as Python writes them, drawn by Plotly into the boxes that wait for them; the same at
// the desk, in a meeting and in a meeting's file.
const CONFIG = {displayModeBar: false, doubleClick: false};

// Names along an axis are never turned: where each has no room, every n-th stands, and the last.
function thinned(layout, width) {
  const {xaxis: x, margin} = layout, names = x?.ticktext;
  if (x?.type !== "linear" || !names || names.length < 7) return layout;
  const room = width - (margin?.r ?? 0) - 40, wide = Math.max(...names.map(n => n.length)) * x.tickfont.size * .9;
  const step = Math.ceil(names.length * wide / Math.max(room, 1)), last = names.length - 1;
  const kept = (_, i) => i === last || (i % step === 0 && last - i >= step);
  return {...layout, xaxis: {...x, tickangle: 0, ticktext: names.filter(kept), tickvals: x.tickvals.filter(kept)}};
}

class Charts {
  // `chosen(box, value)` hears of a mark that was clicked; without it no chart answers the pointer.
  constructor(chosen = null) {
    Object.assign(this, {chosen, figures: {}, waiting: new Set()});
    this.sizes = new ResizeObserver(changed => this.resized(changed.map(c => c.target)));
  }

  // The figures by their keys; a box is drawn again where its own has changed.
  take(figures) {
    this.figures = Object.fromEntries(Object.entries(figures).map(([key, figure]) => [key, JSON.stringify(figure)]));
  }

  // Draw these boxes: at once what is in sight, then what was drawn before, the rest when the browser is idle.
  draw(boxes) {
    const sight = box => { const at = box.getBoundingClientRect(); return at.top < innerHeight && at.bottom > 0; };
    const [now, soon] = [[], []];
    for (const box of boxes) (sight(box) ? now : soon).push(box);
    this.paint(now);
    this.soon(soon.filter(box => box.drawnAs));
    this.later(soon.filter(box => !box.drawnAs));
  }

  soon(boxes) {
    const [box, ...rest] = boxes;
    if (box) setTimeout(() => { this.paint([box]); this.soon(rest); });
  }

  later(boxes) {
    for (const box of boxes) this.waiting.add(box);
    if (this.asked || !this.waiting.size) return;
    this.asked = true;
    (window.requestIdleCallback ?? setTimeout)(() => {
      this.asked = false;
      const [box] = this.waiting;
      this.waiting.delete(box);
      this.paint([box]);
      this.later([]);
    }, {timeout: 1000});
  }

  // All sizes are read before the first is drawn: each reading after a drawing costs a layout.
  paint(boxes) {
    const sized = boxes.filter(box => box?.isConnected).map(box => [box, box.clientWidth, box.clientHeight]);
    for (const [box, width, height] of sized) this.box(box, width, height);
  }

  box(box, width, height) {
    this.waiting.delete(box);
    const figure = this.figures[box.dataset.chart], as = `${width} ${height} ${figure}`;
    if (!figure || !width || !height || box.drawnAs === as) return;
    const first = box.drawnAs === undefined;
    box.drawnAs = as;
    const {data, layout} = JSON.parse(figure);
    Plotly.react(box, data, {...thinned(layout, width), width, height}, {...CONFIG, staticPlot: !this.chosen});
    if (!first) return;
    this.sizes.observe(box);
    if (this.chosen) box.on("plotly_click", ({points}) => {
      const value = points.map(p => p.customdata).find(v => v !== undefined && v !== null);
      if (box.dataset.click && value !== undefined) this.chosen(box, value);
    });
  }

  resized(boxes) {
    for (const box of boxes) if (!box.isConnected) this.sizes.unobserve(box);
    clearTimeout(this.resizing);
    this.other = new Set([...(this.other ?? []), ...boxes]);
    this.resizing = setTimeout(() => { const all = [...this.other]; this.other.clear(); this.paint(all); }, 60);
  }
}

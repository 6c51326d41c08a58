// Charts: figures as Python writes them, drawn by Plotly into the boxes that wait for them; the same at
// the desk, in a meeting and in a meeting's file.
const AHEAD = 1.5;  // screens below the one that is seen: what lies further is drawn when the browser is idle

class Charts {
  // `config` is Plotly's; `chosen(box, value)` hears of a mark that was clicked.
  constructor(config, chosen = () => {}) {
    Object.assign(this, {config, chosen, figures: {}, waiting: new Set()});
    this.sizes = new ResizeObserver(changed => this.resized(changed.map(c => c.target)));
  }

  // The figures by their keys; a box is drawn again where its own has changed.
  take(figures) {
    this.figures = Object.fromEntries(Object.entries(figures).map(([key, figure]) => [key, JSON.stringify(figure)]));
  }

  // Draw these boxes: at once what is near the eye, the rest one after another.
  draw(boxes) {
    const near = box => { const at = box.getBoundingClientRect(); return at.top < AHEAD * innerHeight && at.bottom > -innerHeight / 2 && getComputedStyle(box).visibility !== "hidden"; };
    const [now, later] = [[], []];
    for (const box of boxes) (near(box) ? now : later).push(box);
    this.paint(now);
    for (const box of later) this.waiting.add(box);
    this.idle();
  }

  idle() {
    if (this.asked || !this.waiting.size) return;
    this.asked = true;
    (window.requestIdleCallback ?? setTimeout)(() => {
      this.asked = false;
      const [box] = this.waiting;
      this.waiting.delete(box);
      this.paint([box]);
      this.idle();
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
    Plotly.react(box, data, {...layout, width, height}, this.config);
    if (!first) return;
    this.sizes.observe(box);
    box.on("plotly_click", ({points}) => {
      const value = points.map(p => p.customdata).find(v => v !== undefined && v !== null);
      if (box.dataset.click && value !== undefined) this.chosen(box, value);
    });
  }

  resized(boxes) {
    for (const box of boxes) if (!box.isConnected) this.sizes.unobserve(box);
    clearTimeout(this.resizing);
    this.other = new Set([...(this.other ?? []), ...boxes]);
    this.resizing = setTimeout(() => { const all = [...this.other]; this.other.clear(); this.draw(all.filter(b => b.isConnected)); }, 60);
  }

  all() {
    this.paint([...this.waiting]);
  }
}

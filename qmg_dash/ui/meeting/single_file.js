// The meeting out of a file (single_file.py): no server; charts are drawn here, for the shape of the
// window and the theme. A chart stands in a box that is larger or smaller than it is seen, by --scale.
const PAPER = [277, 189];  // mm: A4 across, less its margins

class Filed extends Meeting {
  static HELP = [...Meeting.HELP, ["I", "这份快照的来历、校验码（末页），再按 A 为附页目录"], ["Esc", "关闭卡片或说明"]];
  static TOOLS = [...Meeting.TOOLS, ["about", "来历"]];
  static KEYS = {...Meeting.KEYS, i: "about"};

  tasks() { return {...super.tasks(), about: () => this.about()}; }

  // The deck's last page, with what no wall shows by itself: versions, file names, checksums.
  about() {
    this.go(this.at(-1));
    this.check(true);
  }

  // From the list of the appendix all of it is turned, not one screen's alone.
  go(i) {
    if (this.here.list && this.slides[i].of !== null && !this.slides[i].list) this.from = this.here.key;
    super.go(i);
  }

  back() { return this.here.list ? this.here.of : super.back(); }

  joined(a, b) {
    return super.joined(a, b) || Boolean(b && (a.list || this.slides.find(s => s.key === this.from)?.list));
  }

  check(open) {
    for (const d of document.querySelectorAll("details.checks")) d.open = open;
  }

  listen() {
    this.root = document.documentElement;
    super.listen();
    addEventListener("hashchange", () => this.follow());
    addEventListener("beforeprint", () => this.print(true));
    addEventListener("afterprint", () => this.print(false));
  }

  click(e) {
    super.click(e);
    const inside = e.target.closest?.("details.src");
    if (!e.target.closest?.(".num")) this.shut(d => d === inside);
  }

  // The slide stands in the address behind the #: a reload stays, and nothing else is known.
  address() {
    const at = `#${this.i + 1}`;
    if (location.hash !== at) history.replaceState(null, "", at);
  }

  // A line of the list was pressed, or the browser's Back.
  follow() {
    const to = Number(location.hash.slice(1)) - 1;
    if (this.slides[to] && to !== this.i) { this.play(false); this.go(to); }
  }

  leave() { this.say("这是一个文件：关闭窗口即结束会议"); }

  retheme() {
    this.data.dark = !this.data.dark;
    this.draw();
  }

  sized() { this.draw(); }

  show() {
    this.check(false);
    super.show();
  }

  // ---- charts ----
  draw() {
    const {root} = this;
    root.classList.toggle("dark", this.dark);
    root.classList.toggle("narrow", this.shape === "narrow");
    root.style.setProperty("--scale", (innerHeight / this.data.height).toFixed(5));
    if (!this.specs) return;
    this.charts.take(this.specs[this.shape][this.dark ? "dark" : "light"]);
    this.paint();
  }

  get dark() { return this.data.dark && !this.paper; }

  get shape() {
    const [w, h] = this.paper ? PAPER : [innerWidth, innerHeight];
    return w / h > this.data.wide ? "wide" : "narrow";
  }

  // On paper: light, and in the paper's shape.
  print(on) {
    this.paper = on;
    this.check(on);
    this.root.classList.toggle("printed", on);
    this.draw();
    if (on) this.charts.paint([...document.querySelectorAll(".drawn")]);
  }
}

// Text as single_file.py packs it.
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

const held = id => document.getElementById(id).textContent;
const data = JSON.parse(held("meeting"));
const opened = Number(location.hash.slice(1));
if (opened >= 1 && opened <= data.slides.length) data.here = opened - 1;
window.__meeting = new Filed(data, new Charts());
window.__meeting.take(data);
Promise.all(["plotly", "charts"].map(id => unpacked(held(id)))).then(
  ([plotly, charts]) => {
    document.head.append(Object.assign(document.createElement("script"), {textContent: plotly}));
    window.__meeting.specs = JSON.parse(charts);
    window.__meeting.draw();
  },
  () => window.__meeting.say("这个浏览器太旧，画不出图表；数字和口径可以看"),
);

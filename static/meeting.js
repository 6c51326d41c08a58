// The meeting in the browser: keys, clock, pointer, touch. All slides stand on the page (deck.py);
// the keys choose the one that is seen, so that nothing waits. The first `main` of them are the deck, the others its
// appendix: `of` is the slide of the deck to which one belongs, `group` says which are turned together. What differs between a page that a
// server stands behind (served.js) and a file (single_file.js) is left to them: `address`, `retheme`,
// `leave` and what follows from the screen's size.
const STEPS = {PageDown: 1, ArrowRight: 1, ArrowDown: 1, " ": 1, PageUp: -1, ArrowLeft: -1, ArrowUp: -1};
const SHOWN = 3_000;   // ms for which the tools stay after the pointer has moved
const TYPING = "input, textarea, select, [contenteditable=true], [role=combobox], [role=listbox]";

const make = (tag, name, parent, text = "") => {
  const e = parent.appendChild(document.createElement(tag));
  e.className = name; e.textContent = text;
  return e;
};

class Meeting {
  static HELP = [["翻页笔、→、空格、PageDown", "下一页"], ["←、PageUp", "上一页"], ["Home / End", "首页 / 末页"],
    ["数字", "跳到该页"], ["A", "本屏的附页，再按返回"], ["B 或 .", "黑屏，再按任意键恢复"], ["P", "自动播放 / 暂停"], ["D", "浅色 / 深色"],
    ["F", "全屏"], ["按住 L", "指示圈"], ["H 或 ?", "本说明"]];
  static TOOLS = [["prev", "上一页"], ["next", "下一页"], ["play", "播放"], ["theme", "深浅色"], ["full", "全屏"],
    ["help", "按键"]];
  static KEYS = {a: "more", b: "blank", ".": "blank", p: "play", d: "theme", f: "full", h: "help", "?": "help"};

  constructor(data, charts) {
    this.charts = charts;
    this.i = data.here;
    this.pace = data.pace || data.usual;
    this.playing = data.pace > 0;
    this.build();
    this.listen();
    this.awake();
  }

  // The slides as they stand now; the one that is seen stays the one that is seen.
  take(data) {
    const seen = this.slides?.[this.i];
    Object.assign(this, {data, slides: data.slides, main: data.slides.filter(s => s.of === null).length});
    if (seen) {
      const same = this.slides.findIndex(s => s.key === seen.key);
      this.i = same < 0 ? Math.min(this.i, this.slides.length - 1) : same;
    }
    document.documentElement.classList.add("live");
    this.show();
    this.measure();
  }

  build() {
    this.box = make("div", "qmg", document.body);
    const tools = make("div", "qmg-tools", this.box);
    tools.setAttribute("role", "toolbar"); tools.setAttribute("aria-label", "会议工具");
    this.tools = tools;
    for (const [name, label] of this.constructor.TOOLS) {
      const b = make("button", "", tools, label);
      b.type = "button"; b.dataset.tool = name;
      b.onclick = () => { this.press(name); b.blur(); };
    }
    this.count = make("i", "qmg-count", this.box);
    this.note = make("div", "qmg-note", this.box);
    this.note.setAttribute("role", "status");
    this.title = make("div", "qmg-title", this.box);
    this.title.setAttribute("aria-live", "polite");
    this.help = make("div", "qmg-help", this.box);
    this.help.setAttribute("role", "dialog"); this.help.setAttribute("aria-label", "按键说明");
    make("h2", "", this.help, "会议模式按键");
    const list = make("dl", "", this.help);
    for (const [keys, what] of this.constructor.HELP) { make("dt", "", list, keys); make("dd", "", list, what); }
    this.blank = make("div", "qmg-blank", this.box);
    this.ring = make("div", "qmg-ring", this.box);
    for (const e of [this.help, this.blank, this.ring, this.note]) e.hidden = true;
  }

  listen() {
    this.on = {
      keydown: e => this.key(e),
      keyup: e => { if (e.key.toLowerCase() === "l") this.ring.hidden = true; },
      pointermove: e => this.point(e),
      click: e => this.click(e),
      touchstart: e => { this.touch = e.touches.length === 1 ? [e.touches[0].clientX, e.touches[0].clientY] : null; },
      touchend: e => this.swipe(e),
      resize: () => { clearTimeout(this.sizing); this.sizing = setTimeout(() => this.measure(), 250); },
    };
    for (const [type, f] of Object.entries(this.on)) addEventListener(type, f, {capture: true, passive: type.startsWith("touch")});
    this.woken = () => { if (document.visibilityState === "visible") this.awake(); };
    document.addEventListener("visibilitychange", this.woken);
  }

  end() {
    for (const [type, f] of Object.entries(this.on)) removeEventListener(type, f, {capture: true});
    document.removeEventListener("visibilitychange", this.woken);
    clearTimeout(this.timer);
    this.lock?.release().catch(() => {});
    this.box.remove();
    document.documentElement.classList.remove("live");
  }

  // ---- which slide ----
  go(i) {
    this.i = i;
    this.show();
  }

  get here() { return this.slides[this.i]; }

  // A slide of the deck, which is a ring.
  at(i) { return ((i % this.main) + this.main) % this.main; }

  // The one to which a key turns: around the deck; through one screen's appendix and at its ends back.
  next(by) {
    const to = this.i + by;
    if (this.here.of === null) return this.at(to);
    return this.slides[to]?.of !== null && this.joined(this.here, this.slides[to]) ? to : this.back();
  }

  joined(a, b) { return a.group === b?.group; }

  turn(by) { this.go(this.next(by)); }

  // The appendix of a slide begins with what belongs to it, else with its screen's first; -1 where there is none.
  appendix() {
    const first = belongs => this.slides.findIndex(s => s.of !== null && belongs(s));
    const own = first(s => s.of === this.i);
    return own < 0 ? first(s => s.group === this.here.group) : own;
  }

  // The slide from which the appendix was opened, else the one to which this slide belongs.
  back() {
    const from = this.slides.findIndex(s => s.key === this.from);
    return from < 0 || from === this.i ? this.here.of : from;
  }

  more() {
    if (this.here.of !== null) return this.go(this.back());
    const to = this.appendix();
    if (to < 0) return this.say("本屏没有附页");
    this.from = this.here.key;
    this.go(to);
  }

  show() {
    const seen = document.querySelector(`.slide[data-at="${this.i}"]`);
    for (const slide of document.querySelectorAll(".slide")) slide.classList.toggle("seen", slide === seen);
    this.paint();
    this.shut(d => seen?.contains(d));
    const {title, of} = this.here;
    if (of === null) this.from = undefined;
    if (this.title.textContent !== title) this.title.textContent = title;
    this.address();
    this.run();
  }

  // The charts of the slide that is seen, then those of its neighbours: the others wait until they are near.
  paint() {
    this.charts.paint(this.boxes(this.i));
    this.charts.later([...[1, -1, 2].map(by => this.next(by)), this.appendix()].flatMap(i => this.boxes(i)));
  }

  boxes(i) { return [...document.querySelectorAll(`.slide[data-at="${i}"] .drawn`)]; }

  // Answers that stand open are closed, but those to be kept.
  shut(kept = () => false) {
    for (const d of document.querySelectorAll("details.src[open]")) if (!kept(d)) d.open = false;
  }

  // ---- the clock ----
  run() {
    clearTimeout(this.timer);
    for (const a of this.count.getAnimations()) a.cancel();
    this.count.hidden = !this.playing;
    this.tools.querySelector("[data-tool=play]").textContent = this.playing ? "暂停" : "播放";
    if (!this.playing) return;
    const duration = this.pace * 1000;
    this.count.animate([{transform: "scaleX(0)"}, {transform: "scaleX(1)"}], {duration, fill: "forwards"});
    this.timer = setTimeout(() => this.go(this.at((this.here.of === null ? this.i : this.back()) + 1)), duration);
  }

  play(on) {
    if (this.playing === on) return;
    this.playing = on;
    this.address(); this.run();
    this.say(on ? `自动播放，每页 ${this.pace} 秒` : "已暂停");
  }

  // ---- keys, pointer, touch ----
  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.(TYPING)) return;
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    if (["Shift", "CapsLock", "Tab", "Enter"].includes(key) || (e.key.length > 1 && key.startsWith("F") && key !== "F9")) return;
    if (key === "l") { this.ring.hidden = false; return; }
    if (e.repeat && !(key in STEPS)) return;
    const used = this.take_key(key);
    if (key !== "p" && used) this.play(false);
    if (used) { e.preventDefault(); e.stopImmediatePropagation(); }
  }

  take_key(key) {
    if (!this.blank.hidden) { this.blank.hidden = true; return true; }
    if (key === "Escape") return this.escape();
    if (key in STEPS) { this.turn(STEPS[key]); return true; }
    if (key === "Home") { this.go(0); return true; }
    if (key === "End") { this.go(this.at(-1)); return true; }
    if (key >= "0" && key <= "9") { this.digit(key); return true; }
    const tool = this.constructor.KEYS[key];
    if (tool) this.press(tool);
    return Boolean(tool);
  }

  escape() {
    const open = document.querySelector("details.src[open]");
    if (!this.help.hidden) this.help.hidden = true;
    else if (open) open.open = false;
    else if (this.from !== undefined) this.go(this.back());
    else this.press("leave");
    return true;
  }

  press(tool) { this.tasks()[tool](); }

  tasks() {
    return {
      prev: () => this.turn(-1),
      next: () => this.turn(1),
      more: () => this.more(),
      play: () => this.play(!this.playing),
      blank: () => { this.blank.hidden = false; },
      help: () => { this.help.hidden = !this.help.hidden; },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => this.say("此浏览器不能全屏")),
      theme: () => this.retheme(),
      leave: () => this.leave(),
    };
  }

  digit(key) {
    clearTimeout(this.dialling);
    this.dialled = (this.dialled ?? "") + key;
    const number = Number(this.dialled), n = this.main;
    const jump = () => {
      this.dialled = "";
      if (number >= 1 && number <= n) this.go(number - 1);
      else this.say(`没有第 ${number} 页，共 ${n} 页`);
    };
    if (number * 10 > n) jump();
    else { this.say(`跳到第 ${this.dialled} 页…`); this.dialling = setTimeout(jump, 700); }
  }

  point(e) {
    this.ring.style.translate = `${e.clientX}px ${e.clientY}px`;
    this.tools.classList.add("on");
    clearTimeout(this.pointing);
    this.pointing = setTimeout(() => this.tools.classList.remove("on"), SHOWN);
  }

  // A figure is asked about by a click anywhere on it.
  click(e) {
    const more = e.target.closest?.("[data-more]");
    if (more) { more.blur(); this.play(false); this.more(); }
    const number = e.target.closest?.(".num"), inside = e.target.closest?.("details.src");
    if (!number || inside) return;
    const tag = number.querySelector("details.src");
    if (!tag) return;
    this.shut(d => d === tag);
    tag.open = !tag.open;
    e.stopImmediatePropagation();
  }

  swipe(e) {
    if (!this.touch) return;
    const [x, y] = this.touch, t = e.changedTouches[0];
    const across = t.clientX - x, down = t.clientY - y;
    this.touch = null;
    if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) { this.play(false); this.turn(across < 0 ? 1 : -1); }
  }

  say(text) {
    this.note.textContent = text; this.note.hidden = false;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.note.hidden = true; }, 2500);
  }

  // ---- the screen ----
  measure() {
    const [w, h] = [innerWidth, innerHeight];
    // Charts are drawn in pixels: on paper (A4 less 10 mm around) they are made smaller as a whole.
    document.documentElement.style.setProperty("--paper", Math.min(1047 / w, 718 / h).toFixed(4));
    this.sized(w, h);
  }

  async awake() {
    try { this.lock = await navigator.wakeLock?.request("screen"); } catch { /* the browser does not allow it */ }
  }
}

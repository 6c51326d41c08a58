// The planner of a meeting, as a component of Streamlit's: what is chosen stands here, so that no click waits, and
// goes back as a whole after each, with the slide that is looked at, as the state `planned`; `start` begins.
const VERSION = new URL(import.meta.url).search;
const at = name => new URL(name + VERSION, import.meta.url).href;
const LOOKED = 200;  // ms over a line before its slide is asked for

const make = (tag, name, parent, text = "", more = {}) =>
  Object.assign(parent.appendChild(document.createElement(tag)), {className: name, textContent: text}, more);

class Planner {
  constructor(parent, told) {
    Object.assign(this, {name: told.name, items: [...told.items], looked: told.seen?.item});
    this.root = make("div", "q plan", parent);
    this.build();
  }

  // Titles and the slide that is looked at are the server's; what is chosen is not.
  take(told, tell, fire) {
    Object.assign(this, {told, tell, fire});
    this.words = {...told.words};
    for (const {screen, lines} of told.offers) for (const row of lines) this.words[row.item] = `${screen}：${row.title}`;
    this.offer();
    this.list();
    if (told.seen) this.preview.take(told.seen);
  }

  build() {
    const from = make("div", "plan-from", this.root), to = make("div", "plan-to", this.root);
    this.search = make("input", "plan-text", from, "", {type: "search", placeholder: "按屏幕或标题查找", oninput: () => this.find()});
    this.search.setAttribute("aria-label", "查找页");
    this.offers = make("div", "plan-offers", from);
    this.none = make("p", "muted", from, "没有找到", {hidden: true});
    this.preview = new Preview(to);
    const row = make("div", "plan-row", to);
    this.named = make("input", "plan-text", row, "", {value: this.name, maxLength: 40, placeholder: "会议名称，例如：三季度法治工作例会"});
    this.named.setAttribute("aria-label", "会议名称");
    this.named.onchange = () => { this.name = this.named.value; this.write(); };
    make("button", "act plan-start", row, "开始会议", {type: "button", onclick: () => this.fire("start", this.text)});
    this.clear = make("button", "act", row, "清空", {type: "button", onclick: () => this.put([])});
    this.empty = make("p", "muted", to, "尚未选页：会议将依次放映需要讨论的页，其余为附页。");
    this.chosen = make("ol", "plan-list", to);
    this.hint = make("p", "muted", to, "拖动或用 ↑ ↓ 键改次序，Delete 键移除");
    this.chosen.ondragover = e => this.over(e);
    this.chosen.ondrop = e => e.preventDefault();
    this.chosen.onkeydown = e => this.key(e);
  }

  // ---- what is offered ----
  offer() {
    const {offers, own} = this.told, now = JSON.stringify([offers, own, this.words[own]]);
    if (this.offered === now) return;
    this.offered = now;
    this.offers.replaceChildren();
    if (own.includes("?")) this.line(make("section", "", this.offers), {item: own, title: `本屏：${this.words[own]}`}, "");
    for (const {screen, lines} of offers) {
      const part = make("section", "", this.offers);
      make("h3", "", part, screen);
      for (const row of lines) this.line(part, row, screen);
    }
    this.find();
  }

  line(part, {item, title, rest}, screen) {
    const line = make("button", rest === undefined ? "plan-line whole" : "plan-line", part, "", {type: "button"});
    line.dataset.item = item; line.dataset.said = `${screen} ${title}`.toLowerCase();
    make("i", "", line);
    make("span", "", line, title);
    if (rest) make("small", "", line, "附页");
    line.onclick = () => { this.sees(item); this.toggle(item); };
    line.onpointerenter = line.onfocus = () => this.look(item);
    line.onpointerleave = () => clearTimeout(this.looking);
  }

  find() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const part of this.offers.children) {
      const lines = [...part.querySelectorAll(".plan-line")];
      for (const line of lines) line.hidden = !words.every(w => line.dataset.said.includes(w));
      const some = lines.filter(line => !line.hidden).length;
      part.hidden = !some;
      found += some;
    }
    this.none.hidden = found > 0;
  }

  look(item) {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => { if (this.looked !== item) { this.sees(item); this.write(); } }, LOOKED);
  }

  sees(item) { clearTimeout(this.looking); this.looked = item; }

  // ---- what is chosen ----
  get text() {
    const name = this.name.replaceAll(";", "；").trim() || this.told.unnamed;
    return [name, ...this.items].join(";");
  }

  // In one word: of two in quick succession Streamlit may lose what the first one did.
  write() { this.tell("planned", [this.text, this.looked ?? ""]); }

  put(items) {
    this.items = items.slice(0, this.told.most);
    this.list();
    this.write();
  }

  toggle(item) {
    this.put(this.items.includes(item) ? this.items.filter(i => i !== item) : [...this.items, item]);
    if (this.items.includes(item)) this.chosen.lastElementChild.scrollIntoView({block: "nearest"});
  }

  move(i, to) {
    if (to < 0 || to >= this.items.length) return;
    const items = [...this.items];
    items.splice(to, 0, ...items.splice(i, 1));
    this.put(items);
    this.chosen.children[to].focus();
  }

  drop(i) {
    this.put(this.items.filter((_, n) => n !== i));
    this.chosen.children[Math.min(i, this.items.length - 1)]?.focus();
  }

  list() {
    const had = [...this.chosen.children].indexOf(document.activeElement?.closest?.(".plan-list > li"));
    this.chosen.replaceChildren();
    this.items.forEach((item, i) => this.row(item, i));
    this.chosen.children[had]?.focus();
    this.empty.hidden = this.items.length > 0;
    this.hint.hidden = this.items.length < 2;
    this.clear.disabled = !this.items.length;
    for (const line of this.offers.querySelectorAll(".plan-line")) {
      const n = this.items.indexOf(line.dataset.item);
      line.setAttribute("aria-pressed", n >= 0);
      line.firstChild.textContent = n < 0 ? "" : n + 1;
    }
  }

  row(item, i) {
    const row = make("li", "", this.chosen, "", {tabIndex: 0, draggable: true, onfocus: () => this.look(item)});
    row.dataset.i = i;
    make("span", "", row, this.words[item] ?? item);
    const press = (text, label, off, then) => {
      const b = make("button", "", row, text, {type: "button", disabled: off, onclick: then});
      b.setAttribute("aria-label", label); b.title = label;
    };
    press("↑", "上移", i === 0, () => this.move(i, i - 1));
    press("↓", "下移", i === this.items.length - 1, () => this.move(i, i + 1));
    press("×", "移除", false, () => this.drop(i));
    row.ondragstart = e => { this.dragged = row; row.classList.add("moving"); e.dataTransfer.effectAllowed = "move"; e.dataTransfer.setData("text/plain", ""); };
    row.ondragend = () => this.dropped(row);
  }

  key(e) {
    const row = e.target.closest("li"), i = Number(row?.dataset.i);
    const to = {ArrowUp: i - 1, ArrowDown: i + 1}[e.key];
    if (!row || e.target !== row || (to === undefined && e.key !== "Delete")) return;
    e.preventDefault();
    if (to === undefined) this.drop(i); else this.move(i, to);
  }

  // While a line is dragged it stands where it would fall.
  over(e) {
    const row = e.target.closest?.(".plan-list > li");
    if (!this.dragged) return;
    e.preventDefault();
    if (!row || row === this.dragged) return;
    const box = row.getBoundingClientRect();
    row[e.clientY < box.top + box.height / 2 ? "before" : "after"](this.dragged);
  }

  dropped(row) {
    row.classList.remove("moving");
    this.dragged = undefined;
    const order = [...this.chosen.children].map(r => this.items[r.dataset.i]);
    if (order.some((item, i) => item !== this.items[i])) this.put(order);
  }
}

// A slide as the wall will show it: the same markup, style sheets and charts, in a window of the wall's size made smaller.
class Preview {
  constructor(parent) {
    this.box = make("figure", "plan-seen", parent);
    this.frame = make("iframe", "", this.box, "", {title: "所选页的样子", tabIndex: -1, srcdoc: "<!doctype html><html lang=zh-CN><head></head><body></body></html>"});
    this.says = make("figcaption", "", this.box);
    this.ready = new Promise(done => { this.frame.onload = () => this.dress().then(done); });
    new ResizeObserver(() => this.scale()).observe(this.box);
  }

  async dress() {
    const doc = this.doc = this.frame.contentDocument;
    const add = (tag, more) => new Promise(done => doc.head.append(Object.assign(doc.createElement(tag), more, {onload: done, onerror: done})));
    this.tokens = doc.head.appendChild(doc.createElement("style"));
    await Promise.all([
      ...["page.css", "meeting.css", "alone.css"].map(name => add("link", {rel: "stylesheet", href: at(name)})),
      add("script", {src: at("plotly-cartesian.min.js")}),
    ]);
  }

  async take(seen) {
    const now = JSON.stringify(seen);
    if (this.now === now) return;
    Object.assign(this, {now, size: seen.size});
    this.scale();
    await this.ready;
    if (this.now !== now) return;
    const {doc} = this, {Plotly} = this.frame.contentWindow;
    this.says.textContent = seen.title;
    doc.documentElement.classList.toggle("dark", seen.dark);
    this.tokens.textContent = seen.tokens;
    const slide = doc.createElement("section");
    slide.className = "slide seen";
    slide.innerHTML = seen.html;
    doc.body.replaceChildren(slide);
    for (const box of slide.querySelectorAll(".drawn")) {
      const {data, layout} = seen.charts[box.dataset.chart];
      Plotly?.react(box, data, {...layout, width: box.clientWidth, height: box.clientHeight}, {displayModeBar: false, staticPlot: true});
    }
  }

  scale() {
    if (!this.size) return;
    const [w, h] = this.size, {style} = this.frame, by = this.box.clientWidth / w;
    Object.assign(style, {width: `${w}px`, height: `${h}px`, transform: `scale(${by})`, marginBottom: `${h * (by - 1)}px`});
  }
}

const planners = new WeakMap();

export default function ({data, parentElement, setStateValue, setTriggerValue}) {
  const told = JSON.parse(new TextDecoder().decode(data));
  if (!planners.has(parentElement)) planners.set(parentElement, new Planner(parentElement, told));
  planners.get(parentElement).take(told, setStateValue, setTriggerValue);
}

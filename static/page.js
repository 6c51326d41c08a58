// The painter of every page, as a component of Streamlit's: it is handed markup and figures in one message, and
// draws them; what was pressed goes back as one word, `ask`. What has not changed stays as it is: focus,
// scroll, selected text, what stands open, charts that are drawn.
const VERSION = new URL(import.meta.url).search;
const at = name => new URL(name + VERSION, import.meta.url).href;
const loaded = {};
const load = (name, tag, more) => loaded[name] ??= new Promise((yes, no) => {
  const e = Object.assign(document.createElement(tag), more, {onload: () => yes(e), onerror: () => { delete loaded[name]; no(new Error(name)); }});
  document.head.append(e);
});
const there = name => [...document.styleSheets].some(s => s.href === at(name));
const script = name => load(name, "script", {src: at(name)});
const sheet = name => load(name, "link", {rel: "stylesheet", href: at(name)});

const {asking, begin, drawer, enter, follow, main, say} = await import(at("inner.js"));

class Page {
  constructor() {
    this.roots = [];
    [this.style, this.foot] = [1, 2].map(() => document.head.appendChild(document.createElement("style")));
    begin(() => this.ask("failed", Date.now()), () => this.placed());
    addEventListener("keydown", e => this.key(e), true);
    addEventListener("click", e => this.click(e), true);
    addEventListener("input", ({target: {dataset: {find}, value, parentElement: list}}) => {
      if (find !== undefined) for (const b of list.querySelectorAll("button")) b.hidden = !b.textContent.includes(value.trim());
    }, true);
    addEventListener("scroll", () => this.here(), {capture: true, passive: true});
    addEventListener("resize", () => this.index());
    addEventListener("beforeprint", () => this.paper(true));
    addEventListener("afterprint", () => this.paper(false));
    this.print = matchMedia("print");
    this.print.addEventListener("change", e => this.paper(e.matches));
  }

  ask(...words) { this.fire("ask", words); }

  // Streamlit has mounted the component here, or hands it what was sent; what the connection brought already
  // is painted.
  mounted(text, parent, set, fire) {
    Object.assign(this, {parent, set, fire});
    if (text === this.text) this.placed();
    else this.paint(text, JSON.parse(text));
  }

  paint(text, data) {
    this.text = text; this.data = data;
    const {classList, style} = document.documentElement, still = Boolean(data.meeting);
    classList.toggle("dark", data.dark); classList.toggle("meeting", still);
    if (wall) wall.disabled = !still;
    style.setProperty("--town", data.town ? `"${CSS.escape(data.town)}\\a 法治政府建设看板"` : "none");
    style.setProperty("--owed", data.owed ? `"${data.owed}"` : "none");
    if (this.style.textContent !== data.tokens) this.style.textContent = data.tokens;
    if (data.told[0] > (this.said ?? 0)) say(data.told[1]);
    this.said = data.told[0];
    if (!this.charts || still === Boolean(this.charts.chosen))
      this.charts = new Charts(still ? null : (box, value) => this.mark(box, value));
    this.charts.take(data.charts);
    for (const root of this.roots.splice(data.slots.length)) root.remove();
    data.slots.forEach((html, i) => this.slot(i, html, still));
    this.placed();
    if (still) Served.take(data, this.charts, this.set, this.fire);
    else this.charts.draw(this.boxes());
    this.index();
  }

  boxes() { return this.roots.flatMap(root => root.isConnected ? [...root.querySelectorAll(".drawn")] : []); }

  // ---- paper ----
  // A desk is printed as one column, its charts drawn as wide as that, its lists whole; what stands at its foot is
  // at the foot of each page, with the page's number, where the browser can have that.
  paper(on) {
    const {classList} = document.documentElement;
    if (!this.charts || on === classList.contains("paper")) return;
    if (this.charts.chosen) {
      classList.toggle("paper", on);
      if (on) this.folds = [...document.querySelectorAll(".fold:not(.data, [open]):has(.tb, .att)")];
      for (const fold of this.folds) fold.open = on;
      this.foot.textContent = on ? feet(document.querySelector(".foot")?.innerText ?? "") : "";
      classList.toggle("feet", /@bottom/.test(this.foot.sheet.cssRules[0]?.cssText));
    }
    this.charts.paint(this.boxes());
  }

  // ---- the index of a long page ----
  // Its parts by their heads, at the side where there is room. A part is a slide, by the head of its first panel, and
  // a link can have its name behind a #; of a page of few slides each panel is one.
  index() {
    const parts = [];
    for (const e of document.querySelectorAll(".anchor, .q h2"))
      if (e.id) parts.push({at: e}); else if (parts.length) parts.at(-1).name ??= e.firstChild.textContent;
    const slides = parts.filter(p => p.name), {classList} = document.documentElement;
    const named = slides.length > 3 ? slides : [...document.querySelectorAll(".slot h2")].map(at => ({at, name: at.firstChild.textContent}));
    const long = named.length > 3 && innerWidth >= 1366 && !drawer() && !classList.contains("meeting") && main()?.scrollHeight > 2 * innerHeight;
    classList.toggle("indexed", Boolean(long));
    this.side?.remove();
    this.parts = long ? named : [];
    if (long) {
      this.side = document.body.appendChild(document.createElement("nav"));
      this.side.className = "q index"; this.side.setAttribute("aria-label", "本页内容");
      for (const part of named) {
        part.button = this.side.appendChild(document.createElement("button"));
        part.button.textContent = part.name;
        part.button.onclick = () => { part.at.scrollIntoView(); if (part.at.id) history.replaceState(history.state, "", `#${part.at.id}`); };
      }
      this.here();
    }
    const asked = !this.jumped && parts.find(p => p.at.id === decodeURIComponent(location.hash.slice(1)));
    if (!asked) return;
    this.jumped = true;
    setTimeout(() => asked.at.scrollIntoView(), 300);
  }

  // The part that is read now.
  here() {
    if (!this.parts?.length) return;
    const at = this.parts.map(p => p.at.getBoundingClientRect().top), end = main().scrollTop + main().clientHeight > main().scrollHeight - 4;
    const row = end ? at.at(-1) : Math.max(at[0], ...at.filter(top => top < innerHeight / 3)), now = this.parts[at.indexOf(row)]; // of a row the first
    for (const p of this.parts) p === now ? p.button.setAttribute("aria-current", "true") : p.button.removeAttribute("aria-current");
  }

  // ---- slots ----
  slot(i, html, slide) {
    const kind = slide ? "slide" : "slot";
    let root = this.roots[i];
    if (root?.className.split(" ")[0] !== kind) {
      root?.remove();
      root = this.roots[i] = document.createElement(slide ? "section" : "div");
      root.className = kind;
      if (slide) root.dataset.at = i;
    }
    if (html === null || root.drawn === html) return;
    const first = root.drawn === undefined;
    root.drawn = html;
    if (first) { root.innerHTML = html; return; }
    const next = document.createElement("div");
    next.innerHTML = html;
    morphdom(root, next, {childrenOnly: true, getNodeKey: n => n.dataset?.chart || n.id, onBeforeElUpdated: keep});
  }

  // Slides stand in the script's own place, as does the first slot; the others where Streamlit has put theirs.
  placed() {
    let came = false;
    this.roots.forEach((root, i) => {
      const own = i === 0 || root.dataset.at;
      if (own ? root.parentElement === this.parent : root.isConnected) return;
      const place = own ? this.parent : document.querySelector(`[data-slot="${i}"]`);
      if (!place) return;
      place.append(root);
      came = true;
    });
    if (came && this.charts?.chosen) { this.charts.draw(this.boxes()); this.index(); }
    this.rows();
  }

  // ---- what is pressed ----
  key(e) {
    if (window.__meeting || e.ctrlKey || e.metaKey || e.altKey) return;
    const open = document.querySelector(OPEN);
    if (e.key === "Escape" && open) {
      if (open.contains(document.activeElement)) open.firstElementChild.focus();
      open.open = false; e.preventDefault(); e.stopPropagation();
    }
    else if (e.key === "Escape" && drawer() && !asking()) { e.preventDefault(); this.ask("rows", ""); }
    if (open && (e.key === "ArrowDown" || e.key === "ArrowUp")) walk(open, e);
    if (e.key === "F9") { e.preventDefault(); enter(); }
  }

  click(e) {
    const other = e.target.closest?.("a[data-turn]");
    if (other && !(e.ctrlKey || e.metaKey || e.shiftKey || e.button)) {
      if (follow(other.dataset.turn)) e.preventDefault();
      return;
    }
    const button = e.target.closest?.("button[data-copy], button[data-csv], button[data-rows], button[data-pick], button[data-clear], button[data-qr]");
    if (!button) {
      const inside = e.target.closest?.(POPS);
      for (const d of document.querySelectorAll(OPEN)) if (d !== inside) d.open = false;
      return;
    }
    e.preventDefault();
    const {rows, pick, clear, qr, copy: copied} = button.dataset;
    if (rows !== undefined) { this.opens(button); this.ask("rows", rows); }
    else if (pick !== undefined) { const [name, ...value] = pick.split("|"); this.ask("pick", name, value.join("|")); }
    else if (clear !== undefined) { focusOn(button); this.ask("clear", clear); }
    else if (qr !== undefined) this.ask("code", Date.now());
    else if (copied !== undefined) copy(button);
    else save(button);
  }

  // A mark of a chart, or a figure: its value is chosen, or its rows are opened.
  mark(box, value) {
    const {click} = box.dataset;
    if (click !== "rows") return this.ask("pick", click, ...[value].flat().map(String));
    this.opens(box);
    this.ask("rows", String(value));
  }

  // ---- the drawer of rows ----
  // What opens it has the focus again when it is closed: a card that asks for rows closes itself.
  opens(from) {
    const card = from.closest("details.src"), inside = drawer()?.contains(from);
    if (card) card.open = false;
    if (!inside) this.opener = card?.firstElementChild ?? from;
  }

  // The focus goes into what was opened here, and comes back from it.
  rows() {
    const open = drawer()?.querySelector("[data-open]")?.dataset.open;
    if (open === this.opened) return;
    this.opened = open;
    this.index();
    const to = open ? drawer().querySelector("[data-rows]") : this.opener;
    if (!this.opener?.isConnected) return;
    if (!to.matches("button, summary")) to.tabIndex = -1;
    to.focus({preventScroll: true});
    if (!open) this.opener = undefined;
  }
}

// What opens over the page: the source of a figure, the list of a field.
const POPS = "details.src, .field > details", OPEN = "details.src[open], .field > details[open]";

// The arrows go through the list of a field.
function walk(open, e) {
  const all = [...open.querySelectorAll("summary, .list :is(input, button):not([hidden], :disabled)")], at = all.indexOf(document.activeElement);
  if (at < 0 || all.length < 2) return;
  all[Math.min(all.length - 1, Math.max(0, at + (e.key === "ArrowDown" ? 1 : -1)))].focus();
  e.preventDefault();
}

// What takes a filter off goes with it: whoever uses the keys stays in the bar.
function focusOn(button) { (button.previousElementSibling?.querySelector?.("summary") ?? button.parentElement.querySelector("button"))?.focus(); }

// What a change of the markup leaves alone: what is the same, a drawn chart, what stands open.
function keep(from, to) {
  if (from.isEqualNode(to)) return false;
  if (from.tagName === "DETAILS" && from.open) to.open = true;
  if (!from.classList.contains("drawn")) return true;
  for (const {name, value} of to.attributes) if (name !== "class") from.setAttribute(name, value);
  if (!to.dataset.click) delete from.dataset.click;
  return false;
}

const feet = said => `@page desk { @bottom-left { content: ${JSON.stringify(said)}; } @bottom-right { content: "第 " counter(page) " 页，共 " counter(pages) " 页"; } }`;

function link(base, q) { return (base ?? location.origin + location.pathname) + (q ? "?" + q : ""); }

async function copy(button) {
  const url = link(button.dataset.base, button.dataset.copy), box = button.parentElement.querySelector("input[data-link]");
  try { await navigator.clipboard.writeText(url); button.textContent = "已复制"; }
  catch { button.textContent = "请复制右侧链接"; if (box) { box.hidden = false; box.value = url; box.focus(); box.select(); } }
  button.dataset.done = url;
  setTimeout(() => { button.textContent = button.dataset.label; }, 4000);
}

function save(button) {
  const blob = new Blob(["\ufeff" + button.dataset.csv], {type: "text/csv;charset=utf-8"});
  const a = document.createElement("a");
  a.href = URL.createObjectURL(blob); a.download = button.dataset.file;
  document.body.appendChild(a); a.click(); a.remove();
  setTimeout(() => URL.revokeObjectURL(a.href), 10000);
}

// What was sent for us, between its two marks (ui/page.py); null where a text is not ours.
const BEGINS = "\x02qmg", ENDS = "\x03qmg";
function ours(bytes) {
  const text = new TextDecoder().decode(bytes), from = text.indexOf(BEGINS), to = text.lastIndexOf(ENDS);
  return from < 0 || to < from ? null : text.slice(from + BEGINS.length, to);
}

// Streamlit hands over what has come once React has drawn the widgets of the run: a page that stands is painted
// before that, from what the connection brings (gate/connect.js listens).
window.qmgHear = bytes => {
  if (!page.parent?.isConnected || bytes.byteLength < 1000) return;
  const text = ours(bytes), data = text && JSON.parse(text);
  if (data && Boolean(data.meeting) === Boolean(page.data.meeting)) page.paint(text, data);
};

const needed = [...["inner.css", "page.css"].filter(name => !there(name)).map(sheet), ...["morphdom.min.js", "plotly-cartesian.min.js", "charts.js"].map(script)];
let wall;
const page = new Page();

export default async function ({data, parentElement, setStateValue, setTriggerValue}) {
  const text = ours(data), meets = text.includes('"meeting":{');
  try {
    await Promise.all(needed);
    if (meets) { wall = await sheet("meeting.css"); await script("meeting.js"); await script("assign.js"); await script("served.js"); }
  } catch (fault) {
    say(`页面的程序没有取到（${fault.message}），请刷新`, 0);
    return () => {};
  }
  page.mounted(text, parentElement, setStateValue, setTriggerValue);
  return () => { if (meets) Served.leave(); };
}

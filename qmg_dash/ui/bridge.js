// What Streamlit has no setting for: the page's language, a word while the server is away, copying a
// link, downloading what a chart shows, the key into a meeting. One listener each, replaced at every
// mount, so that nothing piles up.
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

// The rows open under the title: close the card that asked for them and go there.
function rows(button) {
  const card = button.closest("details.src");
  if (card) card.open = false;
  document.querySelector("[data-testid=stMain]")?.scrollTo({top: 0});
}

// Streamlit says in English, over the whole page, that the server is away. The page stays as it is;
// a line says so until it is back. Under server.py the index has a script for it (gate/reconnect.js).
function watch(seen) {
  const app = document.querySelector("[data-testid=stApp]");
  const away = app?.dataset.testConnectionState !== "CONNECTED";
  if (away) seen.turn = undefined;
  if (window.qmgConnection) return;
  for (const d of document.querySelectorAll("[data-testid=stDialog], [role=dialog]"))
    if (/Connection error|Streamlit (is )?still running/.test(d.textContent)) (d.closest("[data-baseweb=layer], [data-testid=stDialog]") ?? d).style.display = "none";
  // Under `streamlit run` alone: server.py sends such a link to 总览 before.
  for (const d of document.querySelectorAll("[data-testid=stDialog]")) {
    if (seen.missing || !/Page not found/.test(d.textContent)) continue;
    seen.missing = true; d.style.display = "none";
    line(seen, "链接中的屏幕不存在，显示的是总览");
    setTimeout(() => { seen.line?.remove(); seen.line = null; }, 8000);
  }
  if (away && !seen.away) { seen.away = Date.now(); seen.time = new Date().toLocaleTimeString("zh-CN", {hour: "2-digit", minute: "2-digit"}); }
  if (seen.away && away && Date.now() - seen.away > 1500) line(seen, `服务器暂时连不上，正在自动重连；画面停在 ${seen.time}`);
  if (seen.away && !away) { if (seen.line) { line(seen, "已重新连上"); setTimeout(() => { seen.line?.remove(); seen.line = null; }, 4000); } seen.away = 0; }
}

// A turn of the menu is one step for Back. Streamlit makes it in two, the path when the menu is drawn anew and
// the keys that hold on every screen when the server puts them back, and either may come first. Nothing is
// written under the path that is being left: it would hide the link that Back is to find there. What comes
// after the bare path takes its place. The next press ends a turn that has arrived, a lost connection any.
const plain = path => path.replace(/\/$/, "");
function joinSteps(seen) {
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const to = plain(new URL(url ?? location.href, location.href).pathname), here = plain(location.pathname);
    if (to === here && here !== (seen.turn ?? here)) return;
    if (to === here && here === seen.turn && !location.search) return history.replaceState(state, title, url);
    return push(state, title, url);
  };
  const press = e => {
    const link = e.type === "click" && e.target.closest?.("a[data-testid=stSidebarNavLink]");
    const here = plain(location.pathname), to = link && !e.ctrlKey && !e.metaKey && !e.shiftKey ? plain(link.pathname) : here;
    if (to !== here) seen.turn = to;
    else if (e.type === "popstate" || here === seen.turn) seen.turn = undefined;
  };
  for (const type of ["click", "keydown", "popstate"]) addEventListener(type, press, true);
}

function line(seen, text) {
  if (!seen.line) {
    seen.line = document.body.appendChild(document.createElement("div"));
    seen.line.className = "qmg-away"; seen.line.setAttribute("role", "status");
  }
  if (seen.line.textContent !== text) seen.line.textContent = text;
}

// What widgets say to a screen reader is English, and no setting translates it: names of parts, and
// what is announced while a list is open.
const WORDS = {"Clear all": "全部清除", "Open": "打开", "Selected values": "已选的值", "Choose an option": " ", "Choose options": " ",
  "Sidebar": "侧栏", "App pages": "屏幕", "Collapse sidebar": "收起侧栏", "Expand sidebar": "展开侧栏", "Close": "关闭"};
const FORMS = [[/^Remove (.+)$/, "去掉 $1"], [/^(.+) — start$/, "$1：起"], [/^(.+) — end$/, "$1：止"],
  [/^(\d+) options? available\.?$/, "$1 项可选"], [/^(.+), selected\.?$/, "$1，已选"], [/^(.+), not selected\.?$/, "$1，未选"]];
function chinese(said) { return WORDS[said] ?? FORMS.reduce((s, [from, to]) => s.replace(from, to), said); }

function translate() {
  for (const name of ["aria-label", "placeholder", "title"])
    for (const e of document.querySelectorAll(`[${name}]`)) {
      const said = e.getAttribute(name), better = chinese(said);
      if (better !== said) e.setAttribute(name, better);
    }
  for (const e of document.querySelectorAll("[data-live-announcer] div"))
    if (!e.firstElementChild && chinese(e.textContent) !== e.textContent) e.textContent = chinese(e.textContent);
}

// Once a frame, whatever has changed.
function translating() {
  let asked = false;
  const later = () => { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; translate(); }); } };
  new MutationObserver(later).observe(document.body, {subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label", "placeholder", "title"]});
  translate();
  return true;
}

// A download that failed stands in English under its button, for five seconds. The server knows why.
const ERROR = "[data-testid=stDownloadButtonError]";
function failed(seen) {
  for (const e of document.querySelectorAll(ERROR)) {
    const said = "下载失败";
    if (e.textContent === said) continue;
    e.textContent = said;
    say(seen, "下载失败：文件没有做成");
    seen.trigger("failed", Date.now());
  }
}

// A sentence over the page, long enough to be read.
function say(seen, text) {
  line(seen, text);
  clearTimeout(seen.saying);
  seen.saying = setTimeout(() => { seen.line?.remove(); seen.line = null; }, 20000);
}

export default function ({data, setTriggerValue}) {
  document.documentElement.lang = "zh-CN";
  const skip = document.querySelector("[data-testid=stSkipToContent]");
  if (skip) skip.textContent = "跳到正文";
  const seen = window.__qmg ?? (window.__qmg = {});
  if (!seen.joined) { seen.joined = true; joinSteps(seen); }
  seen.trigger = setTriggerValue;
  seen.failing ??= new MutationObserver(() => failed(seen)).observe(document.body, {subtree: true, childList: true, characterData: true}) ?? true;
  const [number, told] = data?.told ?? [0, ""];
  if (number > (seen.told ?? 0)) { seen.told = number; say(seen, told); }
  seen.watching ??= setInterval(() => watch(seen), 500);
  seen.translating ??= translating();
  for (const [type, f] of Object.entries(seen.on ?? {})) window.removeEventListener(type, f, true);
  seen.on = {
    keydown: e => {
      if (window.__meeting || e.ctrlKey || e.metaKey || e.altKey) return;
      const open = document.querySelector("details.src[open]");
      if (e.key === "Escape" && open) { open.open = false; e.preventDefault(); e.stopPropagation(); }
      if (e.key === "F9") { e.preventDefault(); document.querySelector(".st-key-enter_meeting button")?.click(); }
    },
    click: e => {
      const button = e.target.closest?.("button[data-copy], button[data-csv], button[data-rows], button[data-pick], button[data-qr]");
      if (button) {
        e.preventDefault();
        if (button.dataset.rows !== undefined) { rows(button); setTriggerValue("rows", button.dataset.rows); }
        else if (button.dataset.pick !== undefined) setTriggerValue("pick", button.dataset.pick);
        else if (button.dataset.qr !== undefined) setTriggerValue("code", Date.now());
        else if (button.dataset.copy !== undefined) copy(button);
        else save(button);
        return;
      }
      const inside = e.target.closest?.("details.src");
      for (const d of document.querySelectorAll("details.src[open]")) if (d !== inside) d.open = false;
    },
  };
  for (const [type, f] of Object.entries(seen.on)) window.addEventListener(type, f, true);
}

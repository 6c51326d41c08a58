// What Streamlit has no setting for, and what the scripts know of its insides: every name of them stands here,
// with its reason; the style sheets' stand in inner.css. A test (tests/browser/test_inner.py) opens the pages and fails
// by name when one has gone.
const NAMES = {
  app: "[data-testid=stApp]",                    // says whether the server is there
  main: "[data-testid=stMain]",                  // scrolls
  skip: "[data-testid=stSkipToContent]",         // is English
  dialog: "[data-testid=stDialog]",              // its boxes on the connection are English
  menu: "a[data-testid=stSidebarNavLink]",       // a turn of the menu is one step for Back
  failed: "[data-testid=stDownloadButtonError]", // is English, and gone after five seconds
  announced: "[data-live-announcer] div",        // is English
  enter: ".st-key-enter_meeting button",         // F9 presses it
  drawer: ".st-key-drawer",                      // takes the focus, and gives it back
};
const CONNECTED = "CONNECTED";

export const main = () => document.querySelector(NAMES.main);
export const drawer = () => document.querySelector(NAMES.drawer);
export const asking = () => Boolean(document.querySelector(`${NAMES.dialog}, [role=listbox]`));
// A turn to another screen as its link in the menu makes it; whether there is one.
export const follow = path => {
  const link = [...document.querySelectorAll(NAMES.menu)].find(a => new URL(a.href).pathname.endsWith(path));
  link?.click();
  return Boolean(link);
};
export const enter = () => document.querySelector(NAMES.enter)?.click();

// ---- a sentence over the page ----
let shown = null, saying = 0;
export function say(text, ms = 20_000) {
  if (!shown) {
    shown = document.body.appendChild(document.createElement("div"));
    shown.className = "qmg-away"; shown.setAttribute("role", "status");
  }
  if (shown.textContent !== text) shown.textContent = text;
  clearTimeout(saying);
  if (ms) saying = setTimeout(unsay, ms);
}
function unsay() { shown?.remove(); shown = null; }

// ---- the connection ----
// Streamlit says in English, over the whole page, that the server is away. The page stays as it is; a line says so
// until it is back. Under server.py the index has a script for it (gate/reconnect.js).
let turn, away = 0, time = "", missing = false;
function watch() {
  const gone = document.querySelector(NAMES.app)?.dataset.testConnectionState !== CONNECTED;
  if (gone) turn = undefined;
  if (window.qmgConnection) return;
  for (const d of document.querySelectorAll(NAMES.dialog)) {
    if (gone) d.style.display = "none";
    // Under `streamlit run` alone: server.py sends such a link to 总览 before.
    else if (!missing && unknown() && !d.querySelector(".q")) { missing = true; d.style.display = "none"; say("链接中的屏幕不存在，显示的是总览", 8000); }
  }
  if (gone && !away) { away = Date.now(); time = new Date().toLocaleTimeString("zh-CN", {hour: "2-digit", minute: "2-digit"}); }
  if (away && gone && Date.now() - away > 1500) say(`服务器暂时连不上，正在自动重连；画面停在 ${time}`, 0);
  if (away && !gone) { if (Date.now() - away > 1500) say("已重新连上", 4000); away = 0; }
}
const unknown = () => !document.querySelector(`${NAMES.menu}[aria-current=page]`);

// ---- Back ----
// A turn of the menu is one step for Back. Streamlit makes it in two, the path when the menu is drawn anew and
// the keys that hold on every screen when the server puts them back, and either may come first. Nothing is
// written under the path that is being left: it would hide the link that Back is to find there. What comes
// after the bare path takes its place. The next press ends a turn that has arrived, a lost connection any.
const plain = path => path.replace(/\/$/, "");
function joinSteps() {
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const to = plain(new URL(url ?? location.href, location.href).pathname), here = plain(location.pathname);
    if (to === here && here !== (turn ?? here)) return;
    if (to === here && here === turn && !location.search) return history.replaceState(state, title, url);
    return push(state, title, url);
  };
  const press = e => {
    const link = e.type === "click" && e.target.closest?.(NAMES.menu);
    const here = plain(location.pathname), to = link && !e.ctrlKey && !e.metaKey && !e.shiftKey ? plain(link.pathname) : here;
    if (to !== here) turn = to;
    else if (e.type === "popstate" || here === turn) turn = undefined;
  };
  for (const type of ["click", "keydown", "popstate"]) addEventListener(type, press, true);
}

// ---- words ----
// What widgets say to a screen reader is English, and no setting translates it: names of parts, and
// what is announced while a list is open.
const WORDS = {"Clear all": "全部清除", "Open": "打开", "Selected values": "已选的值", "Choose an option": " ", "Choose options": " ",
  "Sidebar": "侧栏", "App pages": "屏幕", "Collapse sidebar": "收起侧栏", "Expand sidebar": "展开侧栏", "Close": "关闭"};
const FORMS = [[/^Remove (.+)$/, "去掉 $1"], [/^(.+) — start$/, "$1：起"], [/^(.+) — end$/, "$1：止"],
  [/^(\d+) options? available\.?$/, "$1 项可选"], [/^(.+), selected\.?$/, "$1，已选"], [/^(.+), not selected\.?$/, "$1，未选"]];
const SAYING = ["aria-label", "placeholder", "title"];
function chinese(said) { return WORDS[said] ?? FORMS.reduce((s, [from, to]) => s.replace(from, to), said); }

function translate() {
  const skip = document.querySelector(NAMES.skip);
  if (skip && skip.textContent !== "跳到正文") skip.textContent = "跳到正文";
  for (const name of SAYING)
    for (const e of document.querySelectorAll(`[${name}]`)) {
      const said = e.getAttribute(name), better = chinese(said);
      if (better !== said) e.setAttribute(name, better);
    }
  for (const e of document.querySelectorAll(NAMES.announced))
    if (!e.firstElementChild && chinese(e.textContent) !== e.textContent) e.textContent = chinese(e.textContent);
}

// A download that failed stands in English under its button, for five seconds. The server knows why.
function failures(tell) {
  for (const e of document.querySelectorAll(NAMES.failed)) {
    if (e.textContent === "下载失败") continue;
    e.textContent = "下载失败";
    say("下载失败：文件没有做成");
    tell();
  }
}

// Once a page: from then on, once a frame, whatever has changed.
export function begin(failed, changed) {
  document.documentElement.lang = "zh-CN";
  joinSteps();
  setInterval(watch, 500);
  let asked = false;
  const later = () => { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; translate(); failures(failed); }); } };
  new MutationObserver(() => { changed(); later(); })
    .observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SAYING});
  translate();
}

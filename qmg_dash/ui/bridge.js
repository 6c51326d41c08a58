// What Streamlit has no setting for: the page's language, the size of the screen (charts know no
// rem), the presenter's keys, copying a link, downloading what a chart shows. One listener each,
// replaced at every mount, so that nothing piles up.
const KEYS = {PageDown: "next", ArrowRight: "next", ArrowDown: "next", " ": "next",
              PageUp: "prev", ArrowLeft: "prev", ArrowUp: "prev", Home: "first", End: "last"};
const press = name => document.querySelector(`.st-key-nav_${name} button`)?.click();
const typing = e => e.target.closest?.("input, textarea, select, [contenteditable=true], [role=combobox], [role=listbox]");

function link(q) { return location.origin + location.pathname + (q ? "?" + q : ""); }

async function copy(button) {
  const url = link(button.dataset.copy), box = button.parentElement.querySelector("input[data-link]");
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

export default function ({data, setStateValue, setTriggerValue}) {
  document.documentElement.lang = "zh-CN";
  const skip = document.querySelector("[data-testid=stSkipToContent]");
  if (skip) skip.textContent = "跳到正文";
  const seen = window.__qmg ?? (window.__qmg = {});
  for (const [type, f] of Object.entries(seen.on ?? {})) window.removeEventListener(type, f, true);
  const report = () => {
    if (!data.present) return;
    const size = [innerWidth, innerHeight];
    if (size[0] !== data.size[0] || size[1] !== data.size[1]) setStateValue("size", size);
  };
  seen.on = {
    keydown: e => {
      const open = document.querySelector("details.src[open]");
      if (e.key === "Escape" && open) { open.open = false; e.preventDefault(); e.stopPropagation(); return; }
      if (!data.present || e.ctrlKey || e.metaKey || e.altKey || typing(e)) return;
      if (e.key === "Escape") { press("leave"); return; }
      const name = KEYS[e.key];
      if (name) { e.preventDefault(); e.stopPropagation(); press(name); }
    },
    click: e => {
      const button = e.target.closest?.("button[data-copy], button[data-csv], button[data-rows]");
      if (button) {
        e.preventDefault();
        if (button.dataset.rows !== undefined) { button.closest("details").open = false; setTriggerValue("rows", button.dataset.rows); }
        else if (button.dataset.copy !== undefined) copy(button);
        else save(button);
        return;
      }
      const inside = e.target.closest?.("details.src");
      for (const d of document.querySelectorAll("details.src[open]")) if (d !== inside) d.open = false;
    },
    resize: () => { clearTimeout(seen.timer); seen.timer = setTimeout(report, 250); },
  };
  for (const [type, f] of Object.entries(seen.on)) window.addEventListener(type, f, true);
  report();
}

// Says in Chinese when the connection to the server is lost and when it is back; Streamlit itself
// tries again all the time, and says so in English. A session that has ended leads to the login
// page at this same address, so that the screen is there again after it.
(() => {
  const STYLE = "position:fixed;z-index:1000001;left:50%;top:.6rem;transform:translateX(-50%);" +
    "padding:.5rem 1.2rem;border-radius:4px;font:600 1rem/1.5 sans-serif;color:#fff;";
  const SECONDS = 3;
  window.qmgConnection = true;  // static/inner.js leaves it to us
  let lost = false, leaving = false, timer = 0, looking = 0;
  const say = (words, colour) => {
    let bar = document.getElementById("qmg-connection");
    if (!bar) {
      bar = document.createElement("div");
      bar.id = "qmg-connection";
      bar.setAttribute("role", "status");
      document.body.append(bar);
    }
    bar.textContent = words;
    bar.style.cssText = STYLE + "background:" + colour;
    bar.hidden = !words;
    if (!words) bar.style.display = "none";
    document.documentElement.toggleAttribute("data-lost", lost);
  };
  const look = async (url) => {
    try {
      const answer = await fetch(url, { cache: "no-store" });
      if (answer.status === 401) location.reload();
    } catch { /* the server is not there yet */ }
  };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      const url = new URL(this.url);
      if (!url.pathname.endsWith("/_stcore/stream")) return;
      const health = location.origin + url.pathname.replace(/stream$/, "health");
      let opened = false;
      this.addEventListener("open", () => {
        opened = true;
        clearTimeout(timer);
        clearInterval(looking);
        if (!lost) return;
        lost = false;
        say("已重新连接", "#12507B");
        timer = setTimeout(() => say("", ""), 4000);
      });
      this.addEventListener("close", (event) => {
        if (event.code === 4401) return location.reload();
        if (leaving) return;
        if (opened && !lost) {
          lost = true;
          say("与服务器的连接断开，正在自动重新连接……", "#955500");
          // Streamlit opens no socket while it is told 401: ask for ourselves.
          looking = setInterval(() => look(health), SECONDS * 1000);
          look(health);
        }
      });
    }
  };
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
})();

// Where Streamlit's server is, read by its script before anything else (window.__streamlit): every page lies one
// step below the path under which the board is served.
window.__streamlit = {
  BACKEND_BASE_URL: new URL(".", location.href).href,
  HOST_CONFIG: { allowedOrigins: [location.origin], useExternalAuthToken: false },
};
// Its font of icons, 375 kB, is asked for at the start whether a page has an icon or not; an icon that is drawn
// still fetches it.
{
  const load = document.fonts.load.bind(document.fonts);
  document.fonts.load = (font, ...rest) => font.includes("Material Symbols") ? Promise.resolve([]) : load(font, ...rest);
}
// While the server answers for the first time the browser has nothing to do: our own scripts are run then.
{
  const Socket = window.WebSocket;
  let begun = false;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      const ours = document.querySelector("link[href*=\"app/static/page.js\"]");
      if (!begun && ours) import(ours.href);
      begun = true;
      // What comes for our painter goes to it at once (static/page.js).
      this.addEventListener("message", e => { if (e.data instanceof ArrayBuffer) window.qmgHear?.(e.data); });
    }
  };
}

// The meeting with a server behind it. What the server must know goes back as state: the screen's size, that the
// first slides stand, another theme; as triggers: leave, look again, a QR code. LINK: the names of the address.
let LINK;
const AGAIN = 60_000;  // ms after which a turned slide asks whether the data have changed

class Served extends Meeting {
  static HELP = [...Meeting.HELP, ["N", "交办：事项、责任单位、期限"], ["Q", "本页的二维码"], ["Esc", "关闭说明；再按退出会议"]];
  static TOOLS = [...Meeting.TOOLS, ["assign", "交办"], ["code", "二维码"], ["leave", "退出"]];
  static KEYS = {...Meeting.KEYS, q: "code", n: "assign"};

  constructor(data, charts) {
    super(data, charts);
    this.theme = new URLSearchParams(location.search).get(LINK.THEME);
    const name = data.path;
    this.base = name && location.pathname.endsWith(name) ? location.pathname.slice(0, -name.length) : location.pathname;
  }

  take(data, setState, fire) {
    Object.assign(this, {setState, fire, drawn: Date.now()});
    super.take(data);
    this.line.take(data.assign);
    if (data.code) this.picture(data.code);
    if (!data.whole) setTimeout(() => this.setState("whole", true), 300);
  }

  build() {
    super.build();
    this.code = make("div", "qmg-code", this.box);
    this.code.setAttribute("role", "dialog"); this.code.setAttribute("aria-label", "本页的二维码");
    this.code.hidden = true;
    this.line = new Assignment(this);
  }

  tasks() {
    return {...super.tasks(), assign: () => { this.play(false); this.line.show(); }, code: () => { if (this.code.hidden) this.fire("code", [this.i, Date.now()]); else this.code.hidden = true; }};
  }

  escape() {
    if (this.code.hidden) return super.escape();
    this.code.hidden = true;
    return true;
  }

  // The server has made the code of the slide that was asked for.
  picture({at, image, link, note}) {
    if (at !== this.i) return;
    this.code.replaceChildren();
    if (image) { const img = make("img", "", this.code); img.src = image; img.alt = "本页链接的二维码"; }
    if (image) make("p", "", this.code, link);
    if (note) make("p", "", this.code, note);
    this.code.hidden = false;
  }

  listen() {
    super.listen();
    // Every run of the server puts the address of its own page into the history; that of the slide
    // which is seen holds until the meeting is left.
    this.push = history.pushState;
    history.pushState = (state, unused, url) => {
      if (new URL(url ?? "/", location.href).searchParams.get(LINK.PRESENT) !== "true") this.push.call(history, state, unused, url);
    };
  }

  end() {
    super.end();
    history.pushState = this.push;
  }

  go(i) {
    this.code.hidden = true;
    super.go(i);
    if (Date.now() - this.drawn > AGAIN) { this.drawn = Date.now(); this.fire("again", Date.now()); }
  }

  address() {
    const s = this.slides[this.i], q = new URLSearchParams(s.query);
    for (const key of [LINK.PLAY, LINK.THEME]) q.delete(key);
    if (this.playing) q.set(LINK.PLAY, this.pace);
    if (this.theme) q.set(LINK.THEME, this.theme);
    const url = `${this.base}${s.name}?${q}`;
    if (url !== location.pathname + location.search) history.replaceState(history.state, "", url);
  }

  retheme() {
    this.theme = this.data.dark ? "light" : "dark";
    this.address();
    this.setState("theme", this.theme);
  }

  leave() { this.fire("leave", this.i + 1); }

  sized(w, h) {
    if (w !== this.data.size[0] || h !== this.data.size[1]) this.setState("size", [w, h]);
  }

  // The one meeting of this page.
  static take(told, charts, setState, fire) {
    const data = {...told.meeting, dark: told.dark};
    LINK = data.link;
    clearTimeout(window.__meeting?.ending);
    window.__meeting ??= new Served(data, charts);
    window.__meeting.charts = charts;
    window.__meeting.take(data, setState, fire);
  }

  // The page takes the script away when the meeting ends, and puts it back when it is drawn anew.
  static leave() {
    const meeting = window.__meeting;
    if (meeting) meeting.ending = setTimeout(() => { meeting.end(); window.__meeting = undefined; }, 200);
  }
}

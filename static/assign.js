// 会上交办: one line over the slide, written by the keyboard alone: what, Enter, whose (a number or a part of the
// name), Enter, until when (1–4), Enter. What is sent has a name of its own: sent twice, it is written once; another
// text, department or day is another line. What was not confirmed stays and can be sent again.
const SPANS = [["一周", 7], ["两周", 14], ["月底", 0], ["定日期", -1]];
const fresh = () => [...crypto.getRandomValues(new Uint8Array(5))].map(n => n.toString(16).padStart(2, "0")).join("").toUpperCase();
const WAIT = 8_000;  // ms after which an answer is not waited for any more

class Assignment {
  constructor(meeting) {
    this.meeting = meeting;
    this.box = make("form", "qmg-assign", meeting.box);
    this.box.hidden = true; this.box.noValidate = true;
    this.box.setAttribute("role", "dialog"); this.box.setAttribute("aria-label", "会上交办");
    this.about = make("p", "about", this.box);
    this.task = this.field("事项", "text");
    this.owner = this.field("责任单位", "text");
    this.list = make("div", "owners", this.box);
    const due = make("fieldset", "due", this.box);
    make("legend", "", due, "期限");
    this.spans = SPANS.map(([word], i) => {
      const label = make("label", "", due, `${i + 1} ${word}`), radio = document.createElement("input");
      Object.assign(radio, {type: "radio", name: "due", value: i}); label.prepend(radio);
      return radio;
    });
    this.date = make("input", "", due); this.date.type = "date"; this.date.setAttribute("aria-label", "期限日期");
    this.fault = make("p", "fault", this.box); this.fault.setAttribute("role", "alert");
    const foot = make("div", "foot", this.box);
    this.rule = make("span", "", foot);
    this.send = make("button", "", foot, "交办（Enter）"); this.send.type = "submit";
    const shut = make("button", "", foot, "关闭（Esc）"); shut.type = "button"; shut.onclick = () => this.close();
    this.box.addEventListener("submit", e => { e.preventDefault(); this.submit(); });
    this.box.addEventListener("keydown", e => this.key(e), true);
    this.owner.addEventListener("input", () => this.narrow());
    this.list.addEventListener("click", e => { const b = e.target.closest("button"); if (b) this.choose(b.textContent.replace(/^\d+ /, "")); });
    this.date.addEventListener("input", () => { this.spans[3].checked = true; });
  }

  field(word, type) {
    const label = make("label", "", this.box, word), input = make("input", "", label);
    input.type = type; input.autocomplete = "off";
    return input;
  }

  // What the server knows: departments, the day; what became of the line that was sent.
  take(told) {
    this.told = told;
    const [name, good, said, when] = told.done ?? [], sent = this.last;
    if (!sent || sent.known || name !== sent.name || (!good && when !== sent.when)) return;
    sent.known = true;
    this.waiting(false);
    if (good && this.said() === sent.said) { this.task.value = ""; this.close(); }
    if (good || !this.open) this.meeting.say(good ? `${said} · 期限 ${sent.due}` : said);
    else this.tell(said);
  }

  // What the line says now.
  said() { return [this.at, this.task.value.trim(), this.whom(), this.due()].join("\n"); }

  get open() { return !this.box.hidden; }

  // On the number whose card stands open, else on the slide that is seen.
  show() {
    const {barred, owners, rule} = this.told, card = document.querySelector(".slide.seen details.src[open] .pop");
    if (barred) return this.meeting.say(barred);
    if (!this.task.value.trim()) {
      this.at = this.meeting.i;
      this.on = card ? [...card.querySelectorAll("h3, .big")].map(e => e.textContent).join(" ") : "";
      this.owner.value = this.date.value = "";
      this.spans[0].checked = true;
    }
    this.about.textContent = this.on || this.meeting.slides[this.at]?.title || "";
    this.rule.textContent = rule; this.date.min = this.told.today;
    this.list.replaceChildren(...owners.map((name, i) => Object.assign(document.createElement("button"), {type: "button", tabIndex: -1, textContent: `${i + 1} ${name}`})));
    this.narrow();
    this.tell("");
    this.box.hidden = false;
    this.task.focus();
  }

  close() { this.box.hidden = true; this.box.contains(document.activeElement) && document.activeElement.blur(); }

  // ---- whose ----
  // The departments that what is written may mean: the one of that number or that name, else all that have it in their name.
  meant() {
    const said = this.owner.value.trim(), all = this.told.owners;
    const one = /^\d+$/.test(said) ? all[Number(said) - 1] : all.find(name => name === said);
    return one ? [one] : all.filter(name => name.includes(said));
  }

  narrow() {
    const meant = new Set(this.meant());
    [...this.list.children].forEach((b, i) => { b.hidden = !meant.has(this.told.owners[i]); });
  }

  choose(name) { this.owner.value = name; this.narrow(); this.spans.find(s => s.checked)?.focus(); }

  // ---- until when ----
  due() {
    const days = SPANS[this.spans.findIndex(s => s.checked)]?.[1] ?? -1;
    if (days < 0) return this.date.value;
    const [y, m, d] = this.told.today.split("-").map(Number);
    return new Date(days ? Date.UTC(y, m - 1, d + days) : Date.UTC(y, m, 0)).toISOString().slice(0, 10);
  }

  // ---- keys ----
  key(e) {
    e.stopPropagation();
    if (e.key === "Escape") { e.preventDefault(); return this.close(); }
    const span = e.target.type === "radio" && "1234".indexOf(e.key);
    if (e.target.type === "radio" && span >= 0) { e.preventDefault(); this.pick(span); return; }
    if (e.key !== "Enter" || e.isComposing || e.target.tagName === "BUTTON") return;
    e.preventDefault();
    if (e.target === this.task) this.owner.focus();
    else if (e.target === this.owner) this.whose();
    else this.submit();
  }

  pick(span) {
    this.spans[span].checked = true;
    (SPANS[span][1] < 0 ? this.date : this.spans[span]).focus();
  }

  whose() {
    const meant = this.meant();
    if (this.whom()) { this.tell(""); this.choose(this.whom()); }
    else this.tell(meant.length ? "请再写几个字，或写它的序号" : "没有这个单位");
  }

  // The one department that is meant; where the folder knows none, any that is written.
  whom() {
    const said = this.owner.value.trim(), meant = said ? this.meant() : [];
    return meant.length === 1 ? meant[0] : this.told.free ? said : "";
  }

  // ---- to the server ----
  submit() {
    if (this.sent) return;
    const {longest} = this.told, size = this.task.value.trim().length;
    if (!size) return this.tell("请写下要办的事", this.task);
    if (size > longest) return this.tell(`事项有 ${size} 字，最多 ${longest} 字`, this.task);
    if (!this.whom()) return this.tell("请选一个责任单位", this.owner);
    if (!this.due() || (this.spans[3].checked && this.date.validity.badInput)) return this.tell("请写完整的日期，或选别的期限", this.date);
    const said = this.said(), name = this.last?.said === said && !this.last.known ? this.last.name : fresh();
    this.last = {name, said, due: this.due(), when: Date.now()};
    this.waiting(true);
    this.meeting.fire("assign", [this.at, this.on, name, this.task.value, this.whom(), this.due(), this.last.when]);
  }

  tell(fault, where) { this.fault.textContent = fault; if (where) where.focus(); }

  waiting(on) {
    clearTimeout(this.timer);
    this.sent = on;
    this.send.disabled = on;
    this.box.classList.toggle("sending", on);
    this.tell(on ? "正在记录…" : "");
    if (on) this.timer = setTimeout(() => { this.waiting(false); this.tell("没有收到回音，内容还在：按 Enter 再试，不会记两次", this.open && this.spans.find(s => s.checked)); }, WAIT);
  }
}

// What a visitor of questions.py sees and can point at.
window.questions = {
  place: (name) => document.querySelector({ menu: "[data-testid=stSidebar]", dialog: "[role=dialog]" }[name] ?? "body"),

  visible(element) {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && +style.opacity > 0;
  },

  inSight(element) {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return bottom > -top && (top + bottom) / 2 < innerHeight && right > -left && (left + right) / 2 < innerWidth;
  },

  // Nothing lies over it, as a dialog does over the page.
  free(element) {
    const box = element.getBoundingClientRect();
    const over = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    return !over || element.contains(over) || over.contains(element);
  },

  said: (element) => [element.innerText ?? element.textContent, element.ariaLabel, element.title, element.placeholder]
    .filter(Boolean).join(" ").trim(),

  // What can be pointed at and says `words` (a pattern), closest to what says `near`; what is chosen already is not.
  // A row of a chart is pointed at by its mark. Null where there is none.
  find(words, near, place) {
    const pattern = new RegExp(words), root = this.place(place);
    if (!root) return null;
    const answers = "a, button, summary, input, label, [role=button], [role=option], [role=tab], [role=checkbox], [role=radio],"
      + " [role=combobox], [data-rows], [data-pick], [tabindex='0'], details.src";
    let found = [...root.querySelectorAll(answers)]
      .filter((e) => this.visible(e) && this.free(e) && !e.disabled && pattern.test(this.said(e)))
      .filter((e) => e.ariaSelected !== "true" && e.ariaPressed !== "true");
    // Of a thing within another, the inner one.
    found = found.filter((e) => !found.some((other) => other !== e && e.contains(other)));
    if (near) {
      const close = new RegExp(near);
      const steps = (e) => {
        let at = e, count = 0;
        while (at && at !== document.body && !close.test(at.textContent)) { at = at.parentElement; count += 1; }
        return at && at !== document.body ? count : Infinity;
      };
      found = found.filter((e) => steps(e) < Infinity).sort((a, b) => steps(a) - steps(b));
    }
    return found[0] ?? this.mark(pattern, near, root);
  },

  mark(pattern, near, root) {
    const marks = [...root.querySelectorAll(".drawn")].filter((chart) => this.visible(chart)).flatMap((chart) => {
      if (near && !new RegExp(near).test(chart.closest(".panel, [class*=st-key-p_]")?.textContent ?? "")) return [];
      const row = [...chart.querySelectorAll(".ytick text")].find((t) => pattern.test(t.textContent));
      const at = row?.getBoundingClientRect();
      return [...(at ? chart.querySelectorAll(".mlayer .point path") : [])].filter((mark) => {
        const box = mark.getBoundingClientRect();
        return box.width > 1 && box.top < at.bottom && box.bottom > at.top;
      });
    });
    return marks[0] ?? null;
  },

  // Where to point at it, once it is in sight and stands still; whether that took a scroll.
  aim(...given) {
    const element = this.find(...given);
    const busy = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";
    if (!element || busy) return null;
    if (!this.inSight(element)) {
      element.scrollIntoView({ block: "center", behavior: "instant" });
      this.scrolled = true;
    }
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const at = { x: (left + right) / 2, y: (top + bottom) / 2, scrolled: this.scrolled };
    const still = this.last?.x === at.x && this.last?.y === at.y;
    this.last = still ? null : at;
    if (!still) return null;
    this.scrolled = false;
    return at;
  },

  scrolled: false,

  // For each pattern the fewest words on the screen that say it: "here", "below" the fold, or "" for nowhere.
  shown(patterns, most) {
    const elements = [...document.body.querySelectorAll("*")]
      .filter((e) => e.textContent.length <= 4 * most && this.visible(e));
    return patterns.map((words) => {
      const pattern = new RegExp(words);
      const found = elements.filter((e) => {
        const text = e.innerText ?? e.textContent;
        return text.length <= most && pattern.test(text);
      });
      if (!found.length) return "";
      return found.some((e) => this.inSight(e)) ? "here" : "below";
    });
  },
};

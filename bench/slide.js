// What is held against the other slides of a meeting, or against the mark of a demo: title, figures with their
// verdict, sizes of the key numbers, marks through or under which the demo's mark shows.
() => {
  const slide = document.querySelector(".slide.seen") ?? document.body;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const KEY = 1.9 * rem; // the least size of a key number; any other text is smaller
  const WORDS = "演示";
  const TONES = ["bad", "warn"];

  const styleOf = (element, pseudo = null) => getComputedStyle(element, pseudo);
  const hidden = (style) => style.visibility === "hidden" || style.display === "none" || +style.opacity === 0;
  const alpha = (colour) => (colour === "none" || colour === "transparent" ? 0
    : +(colour.match(/[,/]\s*([\d.]+)\)$/)?.[1] ?? 1));
  const between = (value) => value > 0.02 && value < 0.98;
  const marked = (style) => style.backgroundImage.includes(WORDS)
    || style.backgroundImage.includes(encodeURIComponent(WORDS));
  const called = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`.slice(0, 40);

  const numbers = {};
  const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const [text, element] = [walker.currentNode.textContent.trim(), walker.currentNode.parentElement];
    const style = styleOf(element);
    if (!/^[−-]?\d/.test(text) || element.closest("h1, .pop, svg") || hidden(style)) continue;
    const size = parseFloat(style.fontSize);
    if (size >= KEY) numbers[(size / rem).toFixed(1)] ??= text;
  }

  const figures = [...slide.querySelectorAll("[data-code]")].filter((e) => !hidden(styleOf(e))).map((element) => ({
    of: [element.dataset.code, element.dataset.dimension].filter(Boolean).join(" "),
    tone: TONES.find((tone) => element.classList.contains(tone)) ?? "",
  }));

  // A mark stands over the demo's where the panel under it carries that and it is solid.
  const overMark = (element) => {
    for (let at = element.parentElement; at && at !== slide; at = at.parentElement) {
      if (marked(styleOf(at))) return true;
    }
    return false;
  };
  const faded = (element) => {
    for (let at = element; at && !at.matches?.(".panel, .slide"); at = at.parentElement) {
      if (between(+styleOf(at).opacity)) return true;
    }
    return false;
  };
  const through = (element, colour, opacity = 1) => alpha(colour) * opacity > 0.02
    && (between(alpha(colour) * opacity) || faded(element));
  const under = [];
  for (const element of slide.querySelectorAll("*")) {
    const style = styleOf(element);
    if (hidden(style)) continue;
    for (const pseudo of ["::before", "::after"]) {
      const over = styleOf(element, pseudo);
      if (over.content !== "none" && marked(over) && !(+over.zIndex < 0)) under.push(`${called(element)}${pseudo}`);
    }
    const empty = !element.childElementCount && !element.textContent.trim();
    if (empty && marked(style)) under.push(called(element));
    if (element.matches("svg text") && element.textContent.includes(`${WORDS}数据`)) under.push(called(element));
    const shape = element.closest(".mlayer") || (element.closest("svg") && !element.closest(".js-plotly-plot"));
    const svg = shape && element.matches("path, rect, circle, polygon, polyline, line");
    const seen = svg
      ? through(element, style.fill, +style.fillOpacity) || through(element, style.stroke, +style.strokeOpacity)
      : empty && !element.closest("svg") && through(element, style.backgroundColor);
    if (seen && overMark(element)) under.push(`see-through ${called(element)}`);
  }
  return {
    title: slide.querySelector("h1")?.textContent.trim() ?? "",
    numbers: Object.entries(numbers).map(([size, text]) => ({ size, text })), figures, under,
  };
}

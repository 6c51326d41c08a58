// When was the screen last drawn? Counted: any change within a chart (its hover labels aside), and
// any element that comes or goes on the page. `acted` is the visitor's last click or key.
window.bench = { drawn: 0, acted: 0 };
new MutationObserver((changes) => {
  for (const change of changes) {
    const at = change.target.nodeType === 1 ? change.target : change.target.parentElement;
    if (!at || at.closest(".hoverlayer")) continue;
    const comesOrGoes = change.type === "childList" && at.closest("[data-testid=stMain]");
    if (comesOrGoes || at.closest(".js-plotly-plot")) {
      window.bench.drawn = performance.now();
      return;
    }
  }
}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
for (const act of ["click", "keydown"]) {
  addEventListener(act, () => { window.bench.acted = performance.now(); }, true);
}
window.bench.atRest = (quiet) => {
  const app = document.querySelector("[data-testid=stApp]");
  const charts = [...document.querySelectorAll(".drawn, [data-testid=stPlotlyChart]")];
  return app && app.dataset.testScriptState === "notRunning" && window.bench.drawn > 0
    && !document.querySelector("[data-testid=stSkeleton]")
    && charts.every((chart) => chart.querySelector(".main-svg"))
    && performance.now() - Math.max(window.bench.drawn, window.bench.acted) > quiet;
};

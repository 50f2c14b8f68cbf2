// Draws the board's charts from the JSON beside them. Each chart has its table, so a page without JavaScript loses nothing.
// Canvas and rich text only: the page's policy allows no inline style.
//
//   <div data-chart="ID" role="img" aria-label="…"></div>
//   <script type="application/json" id="ID">{"months": […], "series": [{"key", "name", "values"}]}</script>
"use strict";

(() => {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  const PLAIN = { color: "transparent" };
  // Colour, and a pattern for whoever does not tell colours apart.
  const LOOKS = {
    in_time: { color: token("--mc-blue-300"), decal: PLAIN },
    late: { color: token("--mc-amber-mark"), decal: { symbol: "line", dashArrayX: [1, 0], dashArrayY: [3, 3], rotation: Math.PI / 4 } },
    overdue: { color: token("--mc-red"), decal: { symbol: "rect", symbolSize: 0.5, dashArrayX: 4, dashArrayY: 4 } },
    running: { color: token("--mc-blue-100"), decal: PLAIN },
  };

  const options = (data) => {
    const text = { color: token("--mc-ink-3"), fontFamily: token("--mc-font"), fontSize: 12 };
    return {
      animation: false,
      // Only for the patterns: the box is labelled by the page.
      aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
      textStyle: text,
      grid: { left: 40, right: 12, top: 36, bottom: 26 },
      legend: { top: 4, left: 4, itemWidth: 12, itemHeight: 12, textStyle: { ...text, color: token("--mc-ink-2") } },
      tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, textStyle: { fontSize: 12, color: token("--mc-ink") } },
      xAxis: { type: "category", data: data.months, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--mc-line-2") } }, axisLabel: text },
      yAxis: { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: token("--mc-line") } } },
      series: data.series.map((each) => ({
        type: "bar",
        stack: "due",
        name: each.name,
        data: each.values.map((value) => value || null),
        barMaxWidth: 28,
        itemStyle: { borderColor: token("--mc-surface"), borderWidth: 1, ...LOOKS[each.key] },
      })),
    };
  };

  for (const box of document.querySelectorAll("[data-chart]")) {
    const source = document.getElementById(box.dataset.chart);
    if (!source || typeof echarts === "undefined") continue;
    box.classList.add("is-drawn");
    const chart = echarts.init(box, null, { renderer: "canvas" });
    chart.setOption(options(JSON.parse(source.textContent)));
    new ResizeObserver(() => chart.resize()).observe(box);
  }
})();

/* Draws the figures of a page. The server sends JSON; colours in it are written as var(--token) and are
   resolved here, so a change of the theme only redraws. */
(() => {
  "use strict";
  const root = document.documentElement;
  const NARROW = 480;
  const figures = new WeakMap();

  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const token = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };

  function resolve(value) {
    if (typeof value === "string") {
      const found = /^var\((--[\w-]+)\)$/.exec(value);
      return found ? token(found[1]) : value;
    }
    if (Array.isArray(value)) return typeof value[0] === "number" && typeof value[1] === "number" ? value : value.map(resolve);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolve(part)]));
    }
    return value;
  }

  const isPlain = (value) => value && typeof value === "object" && !Array.isArray(value);
  function merge(base, over) {
    const out = { ...base };
    for (const [key, value] of Object.entries(over)) {
      out[key] = isPlain(value) && isPlain(out[key]) ? merge(out[key], value) : value;
    }
    return out;
  }

  const AXIS = {
    showgrid: false, zeroline: false, linecolor: "var(--line-2)", tickcolor: "var(--line-2)", ticks: "outside",
    ticklen: 4, tickfont: { size: 11, color: "var(--text-3)" }, automargin: true, fixedrange: true,
    title: { font: { size: 11.5, color: "var(--text-3)" }, standoff: 8 },
  };
  const Y_AXIS = merge(AXIS, { showgrid: true, gridcolor: "var(--grid)", linecolor: "rgba(0,0,0,0)", ticks: "" });

  function layoutOf(layout, narrow) {
    const base = {
      autosize: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 44, r: narrow ? 12 : 18, t: 10, b: 36, pad: 0 },
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: "var(--text-2)" },
      colorway: ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"].map((name) => `var(${name})`),
      hoverlabel: {
        bgcolor: "var(--surface)", bordercolor: "var(--line-2)", font: { size: 12, color: "var(--text)" }, align: "left",
      },
      legend: {
        orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom", bgcolor: "rgba(0,0,0,0)",
        font: { size: 11.5, color: "var(--text-2)" },
      },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "var(--text-3)", activecolor: "var(--text)" },
      dragmode: false, hovermode: "closest", bargap: 0.28, separators: root.lang === "ru" ? ",\u00a0" : ".,",
    };
    const out = merge(base, layout);
    for (const key of new Set([...Object.keys(out).filter((name) => /^[xy]axis\d*$/.test(name)), "xaxis", "yaxis"])) {
      out[key] = merge(key[0] === "y" ? Y_AXIS : AXIS, layout[key] || {});
    }
    return out;
  }

  const config = {
    displayModeBar: false, displaylogo: false, showSendToCloud: false, plotlyServerURL: "", responsive: true,
    doubleClick: "reset", locale: root.lang === "ru" ? "ru" : "en-US",
  };

  function figureOf(plot) {
    if (!figures.has(plot)) figures.set(plot, JSON.parse(document.getElementById(plot.dataset.figure).textContent));
    return figures.get(plot);
  }

  async function draw(plot) {
    const figure = figureOf(plot);
    const narrow = plot.clientWidth < NARROW;
    const changes = (narrow && figure.layout.meta && figure.layout.meta.narrow) || {};
    await Plotly.react(plot, resolve(figure.data), resolve(layoutOf(merge(figure.layout, changes), narrow)), config);
    plot.classList.add("done");
  }

  const drawn = new Set();
  async function drawEach(selector) {
    await document.fonts.ready;
    for (const plot of document.querySelectorAll(selector)) {
      drawn.add(plot);
      await draw(plot);
    }
    root.dataset.charts = "ready";
  }

  async function enlarge(plot, box) {
    const layout = resolve(layoutOf(figureOf(plot).layout, false));
    layout.dragmode = "zoom";
    for (const key of Object.keys(layout)) if (/^[xy]axis/.test(key)) layout[key].fixedrange = false;
    const bar = { displayModeBar: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "toImage"] };
    await Plotly.newPlot(box, resolve(figureOf(plot).data), layout, { ...config, ...bar });
  }

  addEventListener("themechange", () => drawEach(".plot[data-figure]"));
  addEventListener("beforeprint", () => drawn.forEach((plot) => Plotly.Plots.resize(plot)));
  /* a fragment may have brought figures and taken others away */
  document.addEventListener("htmx:after:swap", () => {
    for (const plot of drawn) {
      if (plot.isConnected) continue;
      Plotly.purge(plot);
      drawn.delete(plot);
    }
    drawEach(".plot[data-figure]:not(.done)");
  });

  window.portalCharts = { figureOf, enlarge };
  drawEach(".plot[data-figure]");
})();

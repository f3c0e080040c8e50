/* The buttons of a chart frame: enlarge, and download as image, numbers or figure. Loaded after charts.js. */
(() => {
  "use strict";
  const IMAGE_SCALE = 2;

  function save(name, type, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  /* A cell that a spreadsheet could take for a formula gets an apostrophe before it. */
  function cell(value) {
    if (value === null) return "";
    if (typeof value !== "string") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csv(table) {
    const names = Object.keys(table);
    const rows = table[names[0]].map((_, i) => names.map((name) => cell(table[name][i])).join(","));
    return [names.join(","), ...rows].join("\r\n") + "\r\n";
  }

  const tools = {
    enlarge(frame, plot) {
      const dialog = document.getElementById("chart-dialog");
      dialog.querySelector("h2").textContent = frame.querySelector("figcaption h2, figcaption h3").textContent;
      dialog.showModal();
      window.portalCharts.enlarge(plot, dialog.querySelector(".plot"));
    },
    png(frame, plot) {
      const size = { width: plot.clientWidth, height: plot.clientHeight };
      Plotly.downloadImage(plot, { format: "png", scale: IMAGE_SCALE, filename: plot.dataset.name, ...size });
    },
    csv(frame, plot) {
      save(`${plot.dataset.name}.csv`, "text/csv", csv(window.portalCharts.figureOf(plot).table));
    },
    json(frame, plot) {
      const text = JSON.stringify(window.portalCharts.figureOf(plot), null, 1);
      save(`${plot.dataset.name}.json`, "application/json", text);
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chart-tool]");
    if (!button) return;
    const frame = button.closest(".chart");
    tools[button.dataset.chartTool](frame, frame.querySelector(".plot[data-figure]"));
    const menu = button.closest("details.menu");
    if (menu) menu.open = false;
  });
})();

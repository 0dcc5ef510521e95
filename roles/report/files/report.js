// Copyright (c) 2026 dbferry contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a report's page convenient: charts, filter, search, sorting, copying. Without it the page says the same.
(function () {
  "use strict";
  const root = document.documentElement;
  const charts = [];
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const shortened = (text) => (text.length > 36 ? text.slice(0, 35) + "…" : text);

  function dataset(chart, series, index) {
    const lines = chart.kind === "lines";
    const tone = series.tone ? "--tone-" + series.tone : "--series-" + (1 + (index % 3));
    return {
      label: series.name,
      data: series.values,
      tone: tone,
      minBarLength: chart.kind === "spans" ? 4 : 0,
      maxBarThickness: 26,
      borderWidth: lines ? 2 : 0,
      // Told apart without colour, too.
      borderDash: [[], [8, 4], [2, 3]][index % 3],
      pointStyle: ["circle", "rect", "triangle"][index % 3],
      pointRadius: 2,
    };
  }

  function options(chart) {
    const axis = (text) => ({ title: { display: Boolean(text), text: text }, ticks: {}, grid: {}, beginAtZero: true });
    const shared = { animation: false, responsive: true, maintainAspectRatio: false };
    const plugins = { legend: { display: chart.series.length > 1, labels: { usePointStyle: chart.kind === "lines" } } };
    if (chart.kind === "lines") {
      return { ...shared, plugins: plugins, scales: { x: { ...axis(chart.across), type: "linear" }, y: axis(chart.unit) } };
    }
    const names = { ...axis(""), stacked: chart.kind === "bars" };
    names.ticks = { autoSkip: false, callback: (_value, index) => shortened(chart.labels[index]) };
    const values = { ...axis(chart.unit), stacked: chart.kind === "bars" };
    return { ...shared, indexAxis: "y", plugins: plugins, scales: { x: values, y: names } };
  }

  function paint(drawn) {
    const ink = colour("--soft");
    drawn.data.datasets.forEach((set) => {
      set.backgroundColor = set.borderColor = colour(set.tone);
    });
    Object.values(drawn.options.scales).forEach((scale) => {
      scale.title.color = scale.ticks.color = ink;
      scale.grid.color = colour("--line");
    });
    drawn.options.plugins.legend.labels.color = ink;
    drawn.update("none");
  }

  function draw() {
    const given = document.getElementById("charts");
    if (!given || !window.Chart) return;
    JSON.parse(given.textContent).forEach((chart) => {
      const frame = document.querySelector('[data-chart="' + chart.id + '"]');
      if (!frame) return;
      frame.hidden = false;
      if (chart.kind !== "lines") frame.style.height = 90 + 30 * chart.labels.length + "px";
      const drawn = new window.Chart(frame.querySelector("canvas"), {
        type: chart.kind === "lines" ? "line" : "bar",
        data: { labels: chart.labels, datasets: chart.series.map((series, index) => dataset(chart, series, index)) },
        options: options(chart),
      });
      charts.push(drawn);
      paint(drawn);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach(paint));
  }

  function filters() {
    document.querySelectorAll("[data-tools]").forEach((tools) => {
      const items = [...document.querySelectorAll("#" + tools.dataset.tools + " [data-item]")];
      const groups = [...document.querySelectorAll("#" + tools.dataset.tools + " [data-group]")];
      const texts = items.map((item) => item.textContent.toLowerCase());
      const said = tools.querySelector("output");
      const apply = () => {
        const words = tools.querySelector("input[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
        const chosen = [...tools.querySelectorAll("select")].filter((select) => select.value);
        items.forEach((item, index) => {
          const fits = chosen.every((select) => item.getAttribute("data-" + select.name) === select.value);
          item.hidden = !(fits && words.every((word) => texts[index].includes(word)));
        });
        groups.forEach((group) => {
          const members = items.filter((item) => group.contains(item));
          group.hidden = members.length > 0 && members.every((item) => item.hidden);
        });
        said.textContent = items.filter((item) => !item.hidden).length + " of " + items.length + " shown";
      };
      tools.hidden = false;
      tools.addEventListener("input", apply);
      tools.addEventListener("submit", (event) => event.preventDefault());
      tools.addEventListener("reset", () => setTimeout(apply));
      apply();
    });
  }

  function sorting() {
    document.querySelectorAll("table[data-sortable] thead th").forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        head.parentNode.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = head.closest("table").tBodies[0];
        const key = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
        const order = (a, b) => key(a).localeCompare(key(b), "en", { numeric: true, sensitivity: "base" });
        body.append(...[...body.rows].sort((a, b) => (down ? order(b, a) : order(a, b))));
      });
    });
  }

  function copying() {
    document.querySelectorAll("button.copy").forEach((button) => {
      const text = document.getElementById(button.getAttribute("aria-controls"));
      button.hidden = false;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(text.textContent);
          button.textContent = "Copied";
        } catch {
          // Browsers keep the clipboard from pages of some origins.
          getSelection().selectAllChildren(text);
          button.textContent = "Selected";
        }
      });
    });
  }

  // Paper is white, and holds what is folded away.
  function printing() {
    let opened = [];
    addEventListener("beforeprint", () => {
      root.dataset.theme = "light";
      opened = [...document.querySelectorAll("details:not([open]):not([data-stays])")];
      opened.forEach((details) => (details.open = true));
      charts.forEach((drawn) => {
        paint(drawn);
        drawn.resize(640, drawn.height);
      });
    });
    addEventListener("afterprint", () => {
      delete root.dataset.theme;
      opened.forEach((details) => (details.open = false));
      charts.forEach((drawn) => {
        drawn.resize();
        paint(drawn);
      });
    });
  }

  draw();
  filters();
  sorting();
  copying();
  printing();
})();

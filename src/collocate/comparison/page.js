"use strict";
// What the page can do beyond being read: values where the pointer is, cases shown and hidden, the numbers as a file.
(() => {
  const tip = document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip", hidden: true }));

  function show(text, event) {
    tip.textContent = text;
    tip.hidden = false;
    const room = tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 14, innerWidth - room.width - 8);
    const below = event.clientY + 18;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below + room.height > innerHeight ? event.clientY - room.height - 12 : below}px`;
  }

  // The value at a place of a logarithmic axis [first, last, start, stop, unit].
  function value([first, last, start, stop, unit], place) {
    const found = first * (last / first) ** ((place - start) / (stop - start));
    const text = found >= 1e-2 && found < 1e5 ? String(+found.toPrecision(3)) : found.toExponential(1);
    return unit ? `${text} ${unit}` : text;
  }

  function nearest(chart, x, y) {
    let best = { distance: 40 };
    for (const group of chart.querySelectorAll("g:not(.off)")) {
      for (const point of group.querySelector("polyline.line")?.points ?? []) {
        const distance = Math.hypot(point.x - x, point.y - y);
        if (distance < best.distance) best = { distance, point, name: group.dataset.case };
      }
    }
    return best;
  }

  for (const chart of document.querySelectorAll("svg.chart")) {
    const axes = chart.dataset.axes && JSON.parse(chart.dataset.axes);
    chart.addEventListener("pointermove", (event) => {
      const told = event.target.closest("[data-tip]");
      if (told) return show(told.dataset.tip, event);
      if (!axes) return void (tip.hidden = true);
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
      const { point, name } = nearest(chart, at.x, at.y);
      if (!point) return void (tip.hidden = true);
      show(`${name}: ${value(axes.y, point.y)} at ${value(axes.x, point.x)}`, event);
    });
    chart.addEventListener("pointerleave", () => (tip.hidden = true));
  }

  for (const button of document.querySelectorAll(".legend button")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const off = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!off));
      for (const group of document.querySelectorAll(`.chart [data-case="${CSS.escape(button.dataset.case)}"]`)) {
        group.classList.toggle("off", off);
      }
    });
  }

  const link = document.querySelector("a[download]");
  link.hidden = false;
  link.addEventListener("click", () => {
    const text = document.getElementById("results").textContent;
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  });
})();

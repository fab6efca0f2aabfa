"use strict";
// Axes and curves in a rectangle of the drawing, as SVG. A scale maps a number to pixels: {low, high, from, to}.

const pixel = ({ low, high, from, to }, value) => from + ((value - low) / (high - low)) * (to - from);
const short = (number) => number.toFixed(1);

function lineOf(x1, y1, x2, y2, kind) {
  return `<line class="${kind}" x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}"/>`;
}

function textOf(x, y, text, kind, more = "") {
  return `<text class="${kind}" x="${short(x)}" y="${short(y)}" ${more}>${text}</text>`;
}

// The frame with ticks: `below` and `left` say whether numbers stand there, `across` and `up` are scales with a label.
function frame({ x, y, width, height }, across, up, { below = true, left = true } = {}) {
  const parts = [`<rect class="frame" x="${x}" y="${y}" width="${width}" height="${height}"/>`];
  const columns = ticksOf(across.low, across.high, Math.max(3, width / 100));
  const rows = ticksOf(up.low, up.high, Math.max(3, height / 60));
  columns.values.forEach((value, k) => {
    const place = pixel(across, value);
    parts.push(lineOf(place, y + height, place, y + height + 4, "tick"));
    if (below) parts.push(textOf(place, y + height + 17, columns.texts[k], "number middle"));
  });
  rows.values.forEach((value, k) => {
    const place = pixel(up, value);
    parts.push(lineOf(x - 4, place, x, place, "tick"));
    if (left) parts.push(textOf(x - 8, place + 4, rows.texts[k], "number end"));
  });
  if (below && columns.power) parts.push(textOf(x + width, y + height + 32, `× 10${raised(columns.power)}`, "number end"));
  if (left && rows.power) parts.push(textOf(x, y - 6, `× 10${raised(rows.power)}`, "number"));
  if (across.label) parts.push(textOf(x + width / 2, y + height + 34, escaped(across.label), "symbol middle"));
  if (up.label) {
    const [px, py] = [x - 44, y + height / 2];
    parts.push(textOf(px, py + 4, escaped(up.label), "symbol middle"));
  }
  return parts.join("");
}

function gridLines({ x, y, width, height }, across, up) {
  const columns = ticksOf(across.low, across.high, Math.max(3, width / 100)).values;
  const rows = ticksOf(up.low, up.high, Math.max(3, height / 60)).values;
  return [
    ...columns.map((value) => lineOf(pixel(across, value), y, pixel(across, value), y + height, "grid")),
    ...rows.map((value) => lineOf(x, pixel(up, value), x + width, pixel(up, value), "grid")),
  ].join("");
}

// A curve through points of two scales, broken where there is no number; `clip` names the rectangle that it stays in.
function curve(horizontal, vertical, across, up, kind, clip) {
  let path = "";
  let pen = "M";
  for (let k = 0; k < horizontal.length; k++) {
    if (Number.isFinite(horizontal[k]) && Number.isFinite(vertical[k])) {
      path += `${pen}${short(pixel(across, horizontal[k]))} ${short(pixel(up, vertical[k]))}`;
      pen = "L";
    } else pen = "M";
  }
  return `<path class="curve ${kind}" clip-path="url(#${clip})" d="${path}"/>`;
}

function clipping(name, { x, y, width, height }) {
  return `<clipPath id="${name}"><rect x="${x}" y="${y - 2}" width="${width}" height="${height + 4}"/></clipPath>`;
}

function dot(x, y, kind) {
  return Number.isFinite(x) && Number.isFinite(y) ? `<circle class="dot ${kind}" cx="${short(x)}" cy="${short(y)}" r="4"/>` : "";
}

function padded([low, high]) {
  const room = 0.06 * (high - low || Math.abs(low) || 1);
  return { low: low - room, high: high + room };
}

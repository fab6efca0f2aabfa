"use strict";
// The page: what is computed when, and where it is drawn.

const stage = byId("stage");
const drawing = byId("drawing");
const canvas = byId("field");
const pointer = byId("pointer");

const QUICK = 0.03; // seconds for a plane while something moves, and when it has come to rest
const PATIENT = 0.4;
const REST = 140; // milliseconds

const stacked = matchMedia("(max-width: 60rem)"); // as in page.css: controls are not beside the picture
const ROW = 26; // pixels of a row of the read-out

// Where all is one column, the coordinates are moved into the picture, so that what they move is seen: their height.
function coordinatesHeight(width) {
  const coordinates = byId("coordinates");
  if (!stacked.matches) {
    if (coordinates.parentNode === stage) byId("quantities").after(coordinates);
    return 0;
  }
  if (coordinates.parentNode !== stage) pointer.after(coordinates);
  coordinates.style.width = `${width}px`;
  return coordinates.offsetHeight + 24;
}

// How many rows the read-out of a map has at most: the place, the value beside its reference, why there is none.
const isCompared = problem.quantities.some(({ kind }) => kind === "error");
const rowCount = problem.axes.length + (isCompared ? 3 : 1) + (cutting.length || problem.until ? 1 : 0);

// Rectangles of the map, the coordinates where they lie below it, two curves and the read-out, for the width there is.
function mapLayout(width) {
  const [across, up] = [axisOf[state.across], axisOf[state.up]];
  const wide = width >= 600;
  let aside = wide ? Math.min(216, Math.max(130, 0.225 * width)) : 0;
  const tallest = Math.max(240, Math.min(600, innerHeight - 430));
  let mapWidth = Math.floor(width - 64 - (wide ? aside + 40 : 16));
  let mapHeight = Math.round(Math.min(tallest, 0.6 * mapWidth));
  if (across.role === "space" && up.role === "space") {
    const shape = (up.upper - up.lower) / (across.upper - across.lower);
    mapWidth = Math.floor(Math.min(mapWidth, Math.max(tallest, 320) / shape));
    mapHeight = Math.round(mapWidth * shape);
    if (wide) aside = Math.min(300, width - mapWidth - 104);
  }
  const map = { x: 64, y: 34, width: mapWidth, height: mapHeight };
  const moved = coordinatesHeight(width);
  const coordinates = { x: 0, y: map.y + mapHeight + 44, width };
  const below = { x: 64, y: moved ? coordinates.y + moved : map.y + mapHeight + 22, width: mapWidth, height: 118 };
  const foot = below.y + below.height + 44;
  const beside = wide
    ? { x: map.x + mapWidth + 22, y: map.y, width: aside, height: mapHeight }
    : { x: 64, y: foot + 12, width: mapWidth, height: 118 };
  const readout = wide
    ? { x: beside.x, y: below.y + (moved ? 0 : 30), width: aside + 18 }
    : { x: 64, y: beside.y + beside.height + 48, width: mapWidth };
  const height = Math.max(foot, readout.y + rowCount * ROW);
  return { map, below, beside, readout, coordinates: moved ? coordinates : null, wide, height };
}

function curvesLayout(width) {
  const chart = { x: 64, y: 20, width: Math.floor(width - 80), height: Math.round(Math.max(240, Math.min(460, 0.5 * width))) };
  const moved = coordinatesHeight(width);
  const coordinates = { x: 0, y: chart.y + chart.height + 44, width };
  const readout = { x: chart.x, y: moved ? coordinates.y + moved : chart.y + chart.height + 50, width: chart.width };
  return { map: chart, readout, coordinates: moved ? coordinates : null, height: readout.y + 110 };
}

function place(element, { x, y, width, height }) {
  Object.assign(element.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: height ? `${height}px` : "auto" });
}

let drawnPlane = null; // {key, fine, ...sampledPlane}
// As tall as the picture, or the read-out beside it.
function fitStage({ height, readout }) {
  stage.style.height = `${Math.max(height, readout.y + byId("readout").offsetHeight)}px`;
}

let drawnMask = null;

async function draw(fine) {
  const width = Math.max(280, Math.floor(stage.clientWidth));
  const layout = isMap ? mapLayout(width) : curvesLayout(width);
  fitStage(layout);
  drawing.setAttribute("viewBox", `0 0 ${width} ${layout.height}`);
  place(drawing, { x: 0, y: 0, width, height: layout.height }); // the stage is taller where the read-out is
  place(pointer, layout.map);
  place(byId("readout"), layout.readout);
  if (layout.coordinates) place(byId("coordinates"), layout.coordinates);
  showControls();
  await (isMap ? drawMap(layout, fine) : drawCurves(layout));
  fitStage(layout);
  showTimes();
}

async function drawMap(layout, fine) {
  const quantity = shownQuantities()[0];
  const { map } = layout;
  const found = await planeOf(quantity, map, fine);
  const signed = quantity.kind === "error" || quantity.kind === "residual";
  const held = problem.axes.length > 2 && !state.fitted && quantity.kind !== "error" && quantity.range;
  const { range, core } = held ? quantity : found;
  const colors = colorRange(spanned(range, core), signed);
  const palette = paletteOf(signed, isDark());
  place(canvas, map);
  const scale = Math.min(devicePixelRatio || 1, 2);
  const [width, height] = [Math.round(map.width * scale), Math.round(map.height * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  paint(canvas, found, colors, palette, planeMask(width, height));
  const across = await sampled(quantity, line(state.across));
  const up = await sampled(quantity, line(state.up));
  const value = across.values.at(-1);
  drawing.innerHTML =
    colorBar({ x: map.x, y: map.y - 16, width: map.width, wide: layout.wide }, colors, palette, { value, range }) +
    mapAxes(layout) +
    slices(layout, quantity, padded(colorRange(rangeOf([range, across.values, up.values]), false)), across, up);
  byId("shown").innerHTML = `${quantity.label}<small>(${problem.axes.map(({ label }) => escaped(label)).join(", ")})</small>`;
  tell([{ quantity, value, truth: across.truth?.at(-1) }]);
  const { title, dtype } = engines[engineFor(quantity)];
  const points = found.values.length;
  byId("status").textContent = `${title}, ${dtype}: ${spaced(points)} points in ${Math.max(1, Math.round(1000 * found.seconds))} ms`;
}

// The plane as it was drawn before, unless something that it depends on has changed or it is to be finer.
async function planeOf(quantity, map, fine) {
  const held = problem.axes.filter(({ name }) => name !== state.across && name !== state.up).map(({ name }) => state.values[name]);
  const key = JSON.stringify([quantity.name, state.engine, state.across, state.up, held]);
  if (drawnPlane?.key !== key || (fine && !drawnPlane.fine)) {
    drawnPlane = { key, fine, ...(await sampledPlane(quantity, map.width / map.height, fine ? PATIENT : QUICK)) };
  }
  return drawnPlane;
}

function planeMask(width, height) {
  const held = { ...state.values };
  delete held[state.across];
  delete held[state.up];
  const key = JSON.stringify([width, height, state.across, state.up, held]);
  if (drawnMask?.key !== key) {
    drawnMask = { key, mask: maskOf(width, height, axisOf[state.across], axisOf[state.up], state.values) };
  }
  return drawnMask.mask;
}

const horizontalOf = ({ x, width }, { lower, upper }) => ({ low: lower, high: upper, from: x, to: x + width });
const verticalOf = ({ y, height }, { lower, upper }) => ({ low: lower, high: upper, from: y + height, to: y });

// Numbers of the horizontal axis stand below the map only where the slice with the same axis is not next to it.
function mapAxes({ map, coordinates }) {
  const label = coordinates ? axisOf[state.across].label : null;
  const across = { ...horizontalOf(map, axisOf[state.across]), label };
  const up = { ...verticalOf(map, axisOf[state.up]), label: axisOf[state.up].label };
  const [x, y] = [pixel(across, state.values[state.across]), pixel(up, state.values[state.up])];
  const hair = [[x, map.y, x, map.y + map.height], [map.x, y, map.x + map.width, y]];
  return (
    frame(map, across, up, { below: Boolean(coordinates) }) +
    hair.map((ends) => lineOf(...ends, "halo")).join("") +
    hair.map((ends) => lineOf(...ends, "hair")).join("") +
    `<circle class="halo" cx="${x}" cy="${y}" r="5"/><circle class="hair" cx="${x}" cy="${y}" r="5"/>`
  );
}

// Below the map along its horizontal axis, beside it along the vertical one, with the values across.
function slices({ map, below, beside, wide }, quantity, range, across, up) {
  const [first, second] = [axisOf[state.across], axisOf[state.up]];
  const parts = [clipping("below", below), clipping("beside", beside)];
  const here = across.values.at(-1);
  const value = { ...range, from: below.y + below.height, to: below.y };
  const along = { ...horizontalOf(below, first), label: axisOf[state.across].label };
  parts.push(gridLines(below, along, value), frame(below, along, value));
  parts.push(sliceCurves(quantity, across, line(state.across)[state.across], (at, values, kind) => curve(at, values, along, value, kind, "below")));
  parts.push(dot(pixel(along, state.values[state.across]), pixel(value, here), "c0"));
  parts.push(label(below, fixed(state.up), { low: pixel(value, across.values.at(-2)) < below.y + 0.5 * below.height }));
  if (wide) {
    const [sideways, upward] = [{ ...range, from: beside.x, to: beside.x + beside.width }, verticalOf(map, second)];
    parts.push(gridLines(beside, sideways, upward), frame(beside, sideways, upward, { left: false }));
    parts.push(sliceCurves(quantity, up, line(state.up)[state.up], (at, values, kind) => curve(values, at, sideways, upward, kind, "beside")));
    parts.push(dot(pixel(sideways, here), pixel(upward, state.values[state.up]), "c0"));
  } else {
    const [sideways, upward] = [{ ...horizontalOf(beside, second), label: axisOf[state.up].label }, { ...range, from: beside.y + beside.height, to: beside.y }];
    parts.push(gridLines(beside, sideways, upward), frame(beside, sideways, upward));
    parts.push(sliceCurves(quantity, up, line(state.up)[state.up], (at, values, kind) => curve(at, values, sideways, upward, kind, "beside")));
    parts.push(dot(pixel(sideways, state.values[state.up]), pixel(upward, here), "c0"));
  }
  const atEnd = (up.values.at(-2) - range.low) / (range.high - range.low) > 0.5;
  parts.push(label(beside, fixed(state.across), wide ? { left: atEnd } : { low: atEnd }));
  return parts.join("");
}

// In the corner of a slice that its curve leaves free.
function label({ x, y, width, height }, text, { low = false, left = false }) {
  return textOf(left ? x + 7 : x + width - 6, low ? y + height - 8 : y + 15, text, left ? "at" : "at end");
}

const fixed = (name) => `<tspan class="symbol">${escaped(axisOf[name].label)}</tspan> = ${shownNumber(state.values[name], 4)}`;

// The solution, and the truth as a broken line over it; the last point is the cursor and no part of a curve.
function sliceCurves(quantity, { values, truth }, at, drawn, color = "c0") {
  const places = at.subarray(0, -1);
  const own = drawn(places, values.subarray(0, -1), color);
  return truth && quantity.kind === "field" ? own + drawn(places, truth.subarray(0, -1), "truth") : own;
}

async function drawCurves({ map }) {
  const name = free[0].name;
  const at = line(name);
  const shown = shownQuantities();
  const found = [];
  for (const quantity of shown) found.push({ quantity, ...(await sampled(quantity, at)) });
  const held = problem.axes.length > 1 ? shown.filter(({ kind, range }) => kind !== "error" && range).map(({ range }) => range) : [];
  const range = padded(colorRange(rangeOf([...held, ...found.map(({ values }) => values)]), false));
  const across = { ...horizontalOf(map, axisOf[name]), label: axisOf[name].label };
  const up = { ...range, from: map.y + map.height, to: map.y };
  const place = pixel(across, state.values[name]);
  const colorOf = (quantity) => `c${problem.quantities.indexOf(quantity) % 6}`;
  drawing.innerHTML =
    clipping("chart", map) +
    gridLines(map, across, up) +
    frame(map, across, up) +
    found.map((each) => sliceCurves(each.quantity, each, at[name], (x, y, kind) => curve(x, y, across, up, kind, "chart"), colorOf(each.quantity))).join("") +
    lineOf(place, map.y, place, map.y + map.height, "hair") +
    found.map(({ quantity, values }) => dot(place, pixel(up, values.at(-1)), colorOf(quantity))).join("");
  byId("shown").innerHTML = shown.map((quantity) => `<span class="key ${colorOf(quantity)}">${quantity.label}</span>`).join(" ");
  tell(found.map(({ quantity, values, truth }) => ({ quantity, value: values.at(-1), truth: truth?.at(-1) })));
  const points = found.length * at[name].length;
  const runtimes = [...new Set(shown.map(engineFor))].map((name) => `${engines[name].title}, ${engines[name].dtype}`);
  const seconds = found.reduce((sum, each) => sum + each.seconds, 0);
  byId("status").textContent = `${runtimes.join(" and ")}: ${spaced(points)} points in ${Math.max(1, Math.round(1000 * seconds))} ms`;
}

// The read-out: where the cursor is, and what is there.
function tell(found) {
  const reason = whyNothing();
  const place = problem.axes.map(({ name, label }) => [`<i>${escaped(label)}</i>`, shownNumber(state.values[name])]);
  const groups = [place];
  for (const { quantity, value, truth } of found) {
    const rows = [[quantity.label, shownNumber(value, 6)]];
    const known = quantity.kind === "field" && truth !== undefined;
    if (known) rows.push([`<span class="dashed">reference</span>`, shownNumber(truth, 6)], ["error", shownNumber(value - truth, 3)]);
    groups.push(rows);
  }
  if (reason) groups.push([["no value", reason]]);
  const shown = ([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`;
  byId("readout").classList.toggle("columns", !isMap);
  byId("readout").innerHTML = groups.map((rows) => `<div class="rows">${rows.map(shown).join("")}</div>`).join("");
}

// Why there is no value at the cursor, where that is known.
function whyNothing() {
  if (!isInside(state.values)) return "outside the domain";
  const { until } = problem;
  if (!until || state.values[until.name] <= until.value) return null;
  return `not solved beyond ${escaped(axisOf[until.name].label)} = ${shownNumber(until.value, 4)}`;
}

// What a screen reader is told, once the cursor has come to rest.
function speak() {
  byId("spoken").textContent = [...byId("readout").querySelectorAll(".rows > div")].map((row) => [...row.children].map((each) => each.textContent).join(" ")).join(", ");
}

let [busy, asked, resting] = [null, false, null];

// Draws what is chosen now, quickly; finer and to be heard once nothing changes any more.
function changed() {
  asked = true;
  clearTimeout(resting);
  resting = null;
  busy ??= told(drawAll());
  return busy;
}

// Until it is done; what goes wrong is shown.
async function told(work) {
  try {
    await work;
  } catch (error) {
    byId("status").textContent = `This could not be computed here: ${error.message ?? error}`;
    throw error;
  } finally {
    busy = null;
  }
}

async function drawAll() {
  while (asked) {
    asked = false;
    await draw(false);
  }
  resting = setTimeout(() => {
    resting = null;
    busy ??= told(settle());
  }, REST);
}

async function settle() {
  await draw(true);
  speak();
  if (asked) await drawAll();
}

// Resolves when what is drawn is what is chosen, as fine as it gets.
async function settled() {
  while (busy || resting) await (busy ?? new Promise((resolve) => setTimeout(resolve, 20)));
}

const MOVES = { ArrowLeft: ["across", -1], ArrowRight: ["across", 1], ArrowDown: ["up", -1], ArrowUp: ["up", 1] };

function buildPointer() {
  const first = isMap ? [state.across, state.up] : [free[0].name, null];
  const kind = isMap ? `Map over ${first.join(" and ")}` : `Curves over ${first[0]}`;
  pointer.setAttribute("aria-label", `${kind}, with a cursor`);
  const names = () => (isMap ? { across: state.across, up: state.up } : { across: free[0].name, up: null });
  pointer.addEventListener("keydown", (event) => {
    const { across, up } = names();
    const ends = { Home: axisOf[across].lower, End: axisOf[across].upper };
    const [direction, sign] = MOVES[event.key] ?? [];
    const name = names()[direction];
    if (name) put(name, state.values[name] + sign * (event.shiftKey ? 0.1 : 0.01) * (axisOf[name].upper - axisOf[name].lower));
    else if (event.key in ends) put(across, ends[event.key]);
    else return;
    event.preventDefault();
    changed();
  });
  const follow = (event) => {
    const box = pointer.getBoundingClientRect();
    const { across, up } = names();
    const shares = { [across]: (event.clientX - box.left) / box.width };
    if (up) shares[up] = 1 - (event.clientY - box.top) / box.height;
    for (const [name, share] of Object.entries(shares)) put(name, axisOf[name].lower + share * (axisOf[name].upper - axisOf[name].lower));
    changed();
  };
  pointer.addEventListener("pointerdown", (event) => {
    pointer.setPointerCapture(event.pointerId);
    follow(event);
  });
  pointer.addEventListener("pointermove", (event) => {
    if (event.buttons) follow(event);
  });
}

for (const { name } of problem.axes) put(name, state.values[name]);
buildQuantities(changed);
buildCoordinates(changed);
buildEngines(changed);
buildTheme(changed);
buildPointer();
showControls();
byId("controls").addEventListener("submit", (event) => event.preventDefault());
changed();
new ResizeObserver(() => changed()).observe(stage);

window.collocate = { evaluate, settled, isInside, state };

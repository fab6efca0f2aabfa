"use strict";
// The state that the reader chooses, and the controls that show and change it. Whoever changes it calls `changed`.

const axisOf = Object.fromEntries(problem.axes.map((axis) => [axis.name, axis]));
const free = problem.axes.filter(({ role }) => role !== "parameter");
const isMap = free.length > 1;

const state = {
  values: firstPlace(),
  shown: problem.quantities.filter(({ kind }, k) => (isMap ? k === 0 : kind === "field")).map(({ name }) => name),
  engine: "onnx",
  fitted: false,
  ...firstAxes(),
};

// Time across, else the first two coordinates; two of space and time: space.
function firstAxes() {
  const space = free.filter(({ role }) => role === "space");
  const [across, up] = space.length > 1 ? space : [...free].sort((one, other) => (other.role === "time") - (one.role === "time"));
  return { across: across.name, up: up?.name ?? null };
}

// Inside the domain, and off the middle, where much is zero by symmetry.
function firstPlace() {
  const shares = [0.36, 0.58, 0.24, 0.72];
  const places = shares.map((share) =>
    Object.fromEntries(problem.axes.map(({ name, role, lower, upper }) => [name, lower + (role === "space" ? share : 0.5) * (upper - lower)])),
  );
  return places.find(isInside) ?? places[0];
}

// A tabulated truth is known at the points of its table alone, so the cursor keeps to them.
function stepsOf(name) {
  return problem.counts ? problem.counts[problem.axes.indexOf(axisOf[name])] - 1 : 1000;
}

function put(name, value) {
  const { lower, upper } = axisOf[name];
  const kept = Math.min(upper, Math.max(lower, value));
  const share = (kept - lower) / (upper - lower);
  state.values[name] = problem.counts ? lower + (Math.round(share * stepsOf(name)) / stepsOf(name)) * (upper - lower) : kept;
}

const byId = (id) => document.getElementById(id);

function made(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...content);
  return element;
}

const GROUPS = { field: "Fields", derivative: "Derivatives", asked: "Further", residual: "Residuals", error: "Errors" };

function buildQuantities(changed) {
  for (const [kind, title] of Object.entries(GROUPS)) {
    const members = problem.quantities.filter((quantity) => quantity.kind === kind);
    if (!members.length) continue;
    const row = made("div", { class: "chips", role: "group", "aria-label": title }, made("span", { class: "group" }, title));
    for (const { name, label } of members) {
      const type = isMap ? "radio" : "checkbox";
      const spoken = kind === "derivative" ? name : null; // a subscript is not heard
      const input = made("input", { type, name: "quantity", value: name, "aria-label": spoken, checked: state.shown.includes(name) });
      const text = made("span");
      text.innerHTML = label;
      row.append(made("label", { class: "chip" }, input, text));
      input.addEventListener("change", () => {
        const chosen = [...document.querySelectorAll("input[name=quantity]:checked")].map((each) => each.value);
        if (chosen.length) state.shown = chosen;
        else input.checked = true;
        changed();
      });
    }
    byId("quantities").append(row);
  }
}

function buildCoordinates(changed) {
  const place = byId("coordinates");
  if (isMap && problem.axes.length > 2) place.append(axisChoice("across", changed), axisChoice("up", changed));
  for (const axis of problem.axes) place.append(slider(axis, changed));
  if (isMap && problem.axes.length > 2) {
    const box = made("input", { type: "checkbox", id: "fitted" });
    box.addEventListener("change", () => {
      state.fitted = box.checked;
      changed();
    });
    place.append(made("label", { class: "choice" }, box, "Fit colors to this plane"));
  }
}

function axisChoice(which, changed) {
  const select = made("select", { id: which });
  for (const { name, label } of problem.axes) select.append(made("option", { value: name, selected: name === state[which] }, label));
  select.addEventListener("change", () => {
    const other = which === "across" ? "up" : "across";
    if (state[other] === select.value) {
      state[other] = state[which];
      byId(other).value = state[other];
    }
    state[which] = select.value;
    changed();
  });
  return made("label", { class: "axis" }, which === "across" ? "Horizontal" : "Vertical", select);
}

function slider({ name, label, role, lower, upper }, changed) {
  const steps = stepsOf(name);
  const range = made("input", { type: "range", id: `range-${name}`, min: 0, max: steps, step: 1, "aria-label": `${role} ${name}` });
  const number = made("input", { type: "number", id: `number-${name}`, min: lower, max: upper, step: "any", "aria-label": `value of ${name}` });
  range.addEventListener("input", () => {
    put(name, lower + (range.value / steps) * (upper - lower));
    changed();
  });
  number.addEventListener("change", () => {
    if (number.value !== "" && Number.isFinite(Number(number.value))) put(name, Number(number.value));
    changed();
  });
  const row = made("div", { class: "slider" }, made("span", { class: "symbol" }, label), range, number);
  if (role === "time") row.append(playButton(name, changed));
  else if (free.some((axis) => axis.role === "time")) row.append(made("span"));
  return row;
}

const SECONDS = 6; // that playing the whole of time takes

function playButton(name, changed) {
  const { lower, upper } = axisOf[name];
  const button = made("button", { type: "button", id: "play", "aria-label": "Play time", "aria-pressed": "false" }, "▶");
  let [running, before, at] = [false, 0, lower];
  const advance = (now) => {
    if (!running) return;
    at += (Math.min(now - before, 100) / 1000 / SECONDS) * (upper - lower);
    if (at > upper) at = lower;
    before = now;
    put(name, at);
    changed();
    requestAnimationFrame(advance);
  };
  button.addEventListener("click", () => {
    running = !running;
    button.textContent = running ? "❚❚" : "▶";
    button.setAttribute("aria-pressed", running);
    if (!running) return;
    [before, at] = [performance.now(), state.values[name] >= upper ? lower : state.values[name]];
    requestAnimationFrame(advance);
  });
  return button;
}

function buildEngines(changed) {
  for (const [name, { title, dtype, outputs }] of Object.entries(engines)) {
    if (!outputs.length) continue;
    const input = made("input", {
      type: "radio", name: "engine", value: name, "aria-label": `${title} ${dtype}`,
      "aria-describedby": `time-${name}`, checked: name === state.engine,
    });
    input.addEventListener("change", () => {
      state.engine = name;
      changed();
    });
    const below = made("small", {}, `${dtype} · `, made("output", { id: `time-${name}` }));
    byId("engines").append(made("label", { class: "engine" }, input, made("span", {}, title, below)));
  }
}

function buildTheme(changed) {
  const button = byId("theme");
  const show = () => (button.textContent = isDark() ? "Light" : "Dark");
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    show();
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    show();
    changed();
  });
  show();
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

// The quantities shown, and the runtime for each: another where the chosen one does not have it.
const shownQuantities = () => problem.quantities.filter(({ name }) => state.shown.includes(name));
const outputsOf = ({ output, reference }) => [output, ...(reference ? [reference] : [])];
const isFor = (engine, quantity) => outputsOf(quantity).every((name) => engines[engine].outputs.includes(name));
const engineFor = (quantity) => (isFor(state.engine, quantity) ? state.engine : "onnx");

function showControls() {
  for (const { name, lower, upper } of problem.axes) {
    const range = byId(`range-${name}`);
    range.value = Math.round(((state.values[name] - lower) / (upper - lower)) * stepsOf(name));
    range.setAttribute("aria-valuetext", `${name} = ${shownNumber(state.values[name], 4)}`);
    const number = byId(`number-${name}`);
    if (document.activeElement !== number) number.value = Number(state.values[name].toPrecision(6));
  }
}

function showTimes() {
  for (const name of Object.keys(engines)) {
    const place = byId(`time-${name}`);
    if (!place) continue;
    const outputs = shownQuantities().filter((quantity) => isFor(name, quantity)).flatMap(outputsOf);
    const able = outputs.length > 0;
    const seconds = outputs.map((output) => speeds[name].get(output));
    const known = seconds.every((each) => each !== undefined);
    const micro = known ? 1e6 * seconds.reduce((sum, each) => sum + each, 0) : null;
    place.textContent = !able ? "not exact enough for this" : known ? `${micro < 10 ? micro.toPrecision(2) : Math.round(micro)} µs a point` : "not measured yet";
    document.querySelector(`input[name=engine][value=${name}]`).disabled = !able;
  }
}

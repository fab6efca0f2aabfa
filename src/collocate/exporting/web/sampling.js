"use strict";
// Values of a quantity on lines and planes through the cursor.

const FINEST = 60000; // points of a plane
const LINE = isMap ? 301 : ENOUGH; // curves are all that a page of one coordinate computes: their time is to be told

// {axis: (N,)} along one axis, the others at the cursor; the last point is the cursor itself.
function line(name) {
  const { lower, upper } = axisOf[name];
  const count = problem.counts ? stepsOf(name) + 1 : LINE;
  const columns = {};
  for (const axis of problem.axes) {
    columns[axis.name] = new Float64Array(count + 1).fill(state.values[axis.name]);
    if (axis.name === name) columns[name].set(evenly(lower, upper, count));
  }
  return columns;
}

// {axis: (rows · columns,)} over two axes, those of `up` one after the other.
function plane(columnCount, rowCount) {
  const { across, up, values } = state;
  const count = columnCount * rowCount;
  const [horizontal, vertical] = [[across, columnCount], [up, rowCount]].map(([name, points]) =>
    evenly(axisOf[name].lower, axisOf[name].upper, points),
  );
  const columns = {};
  for (const { name } of problem.axes) {
    columns[name] = new Float64Array(count).fill(values[name]);
    if (name === across) for (let k = 0; k < count; k++) columns[name][k] = horizontal[k % columnCount];
    if (name === up) for (let k = 0; k < count; k++) columns[name][k] = vertical[Math.floor(k / columnCount)];
  }
  return columns;
}

// {values, seconds, truth: where it is known}; nothing outside the domain, where `cut`.
async function sampled(quantity, columns, cut = true) {
  const found = await evaluate(engineFor(quantity), quantity.output, columns);
  const values = Float64Array.from(found.values);
  const known = await truthOf(quantity, columns);
  let seconds = found.seconds + (quantity.kind === "error" ? known.seconds : 0);
  if (quantity.kind === "error") for (let k = 0; k < values.length; k++) values[k] -= known.truth[k];
  if (cut && cutting.length) {
    for (let k = 0; k < values.length; k++) {
      if (isInside(pointOf(columns, k))) continue;
      values[k] = NaN;
      if (known.truth) known.truth[k] = NaN;
    }
  }
  return { values, seconds, truth: known.truth };
}

const pointOf = (columns, k) => Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[k]]));

// The reference by its formula, or at the nodes of its table, on which all points then lie.
async function truthOf(quantity, columns) {
  if (quantity.reference) {
    const found = await evaluate(engineFor(quantity), quantity.reference, columns);
    return { truth: Float64Array.from(found.values, (value) => value + quantity.offset), seconds: found.seconds };
  }
  if (quantity.table === null || quantity.table === undefined) return { truth: null, seconds: 0 };
  const table = await tableOf(quantity.table);
  const truth = new Float64Array(Object.values(columns)[0].length);
  for (let k = 0; k < truth.length; k++) {
    const place = problem.axes.reduce((sum, { name, lower, upper }, axis) => {
      const count = problem.counts[axis];
      return sum * count + Math.round(((columns[name][k] - lower) / (upper - lower)) * (count - 1));
    }, 0);
    truth[k] = table[place] + quantity.offset;
  }
  return { truth, seconds: 0 };
}

const openedTables = new Map();

async function tableOf(number) {
  if (!openedTables.has(number)) {
    const { values } = await contentOf(`models/table-${number}.js`, `table ${number}`);
    openedTables.set(number, new Float64Array(decoded(values).buffer));
  }
  return openedTables.get(number);
}

// The plane of the map as {columns, rows, values, range, core}, on about as many points as take `seconds`.
async function sampledPlane(quantity, ratio, seconds) {
  const speed = outputsOf(quantity).reduce((sum, name) => sum + (speeds[engineFor(quantity)].get(name) ?? 1e-6), 0);
  const count = Math.min(FINEST, Math.max(2000, seconds / speed));
  let [columns, rows] = [Math.round(Math.sqrt(count * ratio)), Math.round(Math.sqrt(count / ratio))];
  if (quantity.kind === "error" && quantity.table !== null) [columns, rows] = [stepsOf(state.across) + 1, stepsOf(state.up) + 1];
  columns = Math.max(columns, 2);
  rows = Math.max(rows, 2);
  const points = plane(columns, rows);
  const found = await sampled(quantity, points, false);
  const inside = cutting.length ? found.values.filter((_, k) => isInside(pointOf(points, k))) : found.values;
  return { columns, rows, values: found.values, range: rangeOf([inside]), core: coreOf(inside), seconds: found.seconds };
}

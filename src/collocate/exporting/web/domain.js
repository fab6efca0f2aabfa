"use strict";
// Which points lie in the domain: a product of shapes, by the same signed distances as collocate/geometry.

const excesses = {
  box: ({ lower, upper }, point) => Math.max(...point.map((value, k) => Math.max(lower[k] - value, value - upper[k]))),
  round: ({ center, radius }, point) => Math.hypot(...point.map((value, k) => value - center[k])) - radius,
  polygon: ({ vertices }, point) => polygonExcess(vertices, point),
  union: ({ shapes: [one, other] }, point) => Math.min(excess(one, point), excess(other, point)),
  intersection: ({ shapes: [one, other] }, point) => Math.max(excess(one, point), excess(other, point)),
  difference: ({ shapes: [one, other] }, point) => Math.max(excess(one, point), -excess(other, point)),
};

// Negative inside, 0 on the boundary, positive outside.
function excess(shape, point) {
  const kind = shape.lower ? "box" : shape.center ? "round" : shape.kind;
  return excesses[kind](shape, point);
}

function polygonExcess(vertices, [x, y]) {
  let nearest = Infinity;
  let inside = false;
  for (let k = 0; k < vertices.length; k++) {
    const [ax, ay] = vertices[k];
    const [bx, by] = vertices[(k + 1) % vertices.length];
    const [dx, dy] = [bx - ax, by - ay];
    const share = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
    nearest = Math.min(nearest, Math.hypot(x - ax - share * dx, y - ay - share * dy));
    // A ray to the right crosses the edge: an odd number of crossings means inside.
    if (ay > y !== by > y && (dx * (y - ay) - dy * (x - ax) > 0) === dy > 0) inside = !inside;
  }
  return inside ? -nearest : nearest;
}

const TOLERANCE = 1e-9; // of a shape's extent

// Boxes bound what is drawn anyway: only other shapes have points of the picture outside.
const cutting = problem.shapes.filter(({ shape }) => !shape.lower);

function isInside(point) {
  return cutting.every(({ names, shape, extent }) => excess(shape, names.map((name) => point[name])) <= TOLERANCE * extent);
}

// (width × height) booleans, rows from the top, of the plane of two coordinates, or null where all of it is inside.
function maskOf(width, height, across, up, held) {
  if (!cutting.length) return null;
  const mask = new Uint8Array(width * height);
  const point = { ...held };
  for (let row = 0; row < height; row++) {
    point[up.name] = up.upper - ((row + 0.5) / height) * (up.upper - up.lower);
    for (let column = 0; column < width; column++) {
      point[across.name] = across.lower + ((column + 0.5) / width) * (across.upper - across.lower);
      mask[row * width + column] = isInside(point);
    }
  }
  return mask;
}

"use strict";
// A field over two coordinates as an image, and the bar of its colors.

// Paints values on an even grid (rows of `up` from below, `columns` in each), interpolated to every pixel of the canvas.
function paint(canvas, { columns, rows, values }, [low, high], palette, mask) {
  const { width, height } = canvas;
  const image = new ImageData(width, height);
  const pixels = image.data;
  for (let row = 0; row < height; row++) {
    const up = (1 - (row + 0.5) / height) * (rows - 1);
    const below = Math.min(Math.floor(up), rows - 2);
    for (let column = 0; column < width; column++) {
      const place = row * width + column;
      if (mask && !mask[place]) continue;
      const across = ((column + 0.5) / width) * (columns - 1);
      const left = Math.min(Math.floor(across), columns - 2);
      const value = between(values, below * columns + left, columns, across - left, up - below);
      if (Number.isNaN(value)) continue;
      const color = 3 * Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low))));
      pixels[4 * place] = palette[color];
      pixels[4 * place + 1] = palette[color + 1];
      pixels[4 * place + 2] = palette[color + 2];
      pixels[4 * place + 3] = 255;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Bilinear in the cell whose lower left corner is `corner`; corners without a number do not count.
function between(values, corner, columns, across, up) {
  const a = values[corner];
  const b = values[corner + 1];
  const c = values[corner + columns];
  const d = values[corner + columns + 1];
  const value = (1 - up) * ((1 - across) * a + across * b) + up * ((1 - across) * c + across * d);
  if (value - value === 0) return value;
  let [sum, weight] = [0, 0];
  const weights = [(1 - up) * (1 - across), (1 - up) * across, up * (1 - across), up * across];
  [a, b, c, d].forEach((each, k) => {
    if (Number.isFinite(each)) {
      sum += weights[k] * each;
      weight += weights[k];
    }
  });
  return weight > 0.25 ? sum / weight : NaN;
}

const LETTER = 7; // pixels that a digit takes, at most

// Ticks of a scale with both its ends among them; what would run into an end is left out.
function endedTicks(scale, count) {
  const { values, texts, power, finer } = ticksOf(scale.low, scale.high, count);
  const text = (value) => minus((value / 10 ** power || 0).toFixed(finer));
  const ends = [scale.low, scale.high].map((value) => ({ place: pixel(scale, value), text: text(value) }));
  const isFree = (one) => ends.every((end) => Math.abs(one.place - end.place) > (LETTER * (one.text.length + end.text.length)) / 2 + LETTER);
  const inner = values.map((value, k) => ({ place: pixel(scale, value), text: texts[k] }));
  return { ticks: [ends[0], ...inner.filter(isFree), ends[1]], power };
}

// The bar above the map, with ticks over it, a mark at `value`, and a point at an end that values lie beyond.
function colorBar({ x, y, width, wide }, [low, high], palette, { value, range }) {
  const height = 10;
  const colorAt = (color) => `rgb(${palette[color]} ${palette[color + 1]} ${palette[color + 2]})`;
  const beyond =
    (range[0] < low ? `<path d="M${x} ${y}l-9 5l9 5z" fill="${colorAt(0)}"/>` : "") +
    (range[1] > high ? `<path d="M${x + width} ${y}l9 5l-9 5z" fill="${colorAt(765)}"/>` : "");
  const scale = { low, high, from: x, to: x + width };
  const stops = Array.from({ length: 33 }, (_, k) => {
    return `<stop offset="${k / 32}" stop-color="${colorAt(3 * Math.round((255 * k) / 32))}"/>`;
  });
  const { ticks: marked, power } = endedTicks(scale, Math.max(3, width / 100));
  const ticks = marked.map(({ place, text }) => lineOf(place, y - 4, place, y, "tick") + textOf(place, y - 8, text, "number middle"));
  const factor = power ? textOf(x + width + (wide ? 14 : 0), wide ? y + 9 : y - 26, `× 10${raised(power)}`, wide ? "number" : "number end") : "";
  const place = Number.isFinite(value) ? pixel(scale, Math.max(low, Math.min(high, value))) : null;
  const mark = place === null ? "" : `<path class="mark" d="M${short(place)} ${y + height + 1}l-4 6h8z"/>`;
  return (
    `<defs><linearGradient id="bar">${stops.join("")}</linearGradient></defs>` +
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="url(#bar)"/>${beyond}${ticks.join("")}${factor}${mark}`
  );
}

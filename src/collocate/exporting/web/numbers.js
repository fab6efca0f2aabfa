"use strict";
// Numbers as text, ticks of an axis, ranges and colors.

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const minus = (text) => text.replace("-", "−");
const raised = (power) => (power < 0 ? "⁻" : "") + String(Math.abs(power)).replace(/\d/g, (digit) => RAISED[digit]);
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const spaced = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, " ");

function powerOf(value) {
  return value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) + 1e-12);
}

function shownNumber(value, digits = 5) {
  if (!Number.isFinite(value)) return "–";
  const power = powerOf(Number(value.toPrecision(digits)));
  if (value !== 0 && (power < -3 || power > 4)) {
    const [factor] = value.toExponential(digits - 2).split("e");
    return `${minus(factor)} × 10${raised(power)}`;
  }
  return minus(value.toFixed(Math.max(0, digits - 1 - (power < -1 ? power : Math.max(power, 0)))));
}

// Round numbers between low and high, about `count` of them, their texts, the power of ten taken out of those, and the
// decimals of a number told to a tenth of their distance.
function ticksOf(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  if (!(rough > 0)) return { values: [low], texts: [shownNumber(low, 3)], power: 0, finer: 3 };
  const size = 10 ** powerOf(rough);
  const step = size * [1, 2, 5, 10].find((_, k, all) => k === 3 || size * Math.sqrt(all[k] * all[k + 1]) >= rough);
  const largest = powerOf(Math.max(Math.abs(low), Math.abs(high)));
  const power = largest < -2 || largest > 3 ? largest : 0;
  const decimals = Math.max(0, power - powerOf(step));
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) values.push(k * step);
  const texts = values.map((value) => minus((value / 10 ** power || 0).toFixed(decimals)));
  return { values, texts, power, finer: Math.max(0, power - powerOf(step) + 1) };
}

function rangeOf(arrays) {
  let [low, high] = [Infinity, -Infinity];
  for (const values of arrays) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

// The range of all but the outermost hundredth.
function coreOf(values) {
  const sorted = values.filter(Number.isFinite).sort();
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return sorted.length ? [at(0.005), at(0.995)] : [0, 1];
}

// What the colors span: a thin layer of large values may lie beyond, so that the rest is not all one color.
function spanned(range, core) {
  return range[1] - range[0] > 2 * (core[1] - core[0]) && core[1] > core[0] ? core : range;
}

// Not empty, and around zero where signs count.
function colorRange([low, high], signed) {
  if (signed) {
    const size = Math.max(Math.abs(low), Math.abs(high)) || 1;
    return [-size, size];
  }
  const least = 1e-12 * Math.max(Math.abs(low), Math.abs(high), 1e-30);
  return high - low > least ? [low, high] : [low - 0.5 * (Math.abs(low) || 1), high + 0.5 * (Math.abs(high) || 1)];
}

const palettes = new Map();

function paletteOf(signed, dark) {
  const name = signed ? (dark ? "signed dark" : "signed") : "plain";
  if (!palettes.has(name)) {
    palettes.set(name, Uint8Array.from(problem.colors[name].match(/../g), (digits) => parseInt(digits, 16)));
  }
  return palettes.get(name);
}

function evenly(low, high, count) {
  return Float64Array.from({ length: count }, (_, k) => (k === count - 1 ? high : low + (k * (high - low)) / (count - 1)));
}

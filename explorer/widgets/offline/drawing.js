// A drawing made like MNIST's digits, as explorer/data/strokes.py and normalise.py do it. Of a drawing the pen is
// known: where strokes would be thicker or thinner than MNIST's, it is drawn with another pen, in place of shrinking or
// growing what was drawn. A test compares both.

import { PIXELS, roundEven } from "../numbers.js";
import { SIDE } from "../constants.js";
import { Mistake } from "./events.js";

/** @typedef {{ box: number, centre: number, thinnest: number, new_thin: number, thickest: number, side: number,
 *   fine: number, curve_step: number, max_pieces: number, empty: any }} Rules see explorer/page/offline/facts.py */

/** The line through a stroke's points: from middle to middle bent towards the point between. */
function pathOf(points, { curve_step, max_pieces }) {
  const path = [points[0]];
  let before = points[0];
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = points[i],
      middle = [(x + points[i + 1][0]) / 2, (y + points[i + 1][1]) / 2];
    const far = (a, b) => Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]));
    const length = far(points[i], before) + far(middle, points[i]);
    const pieces = Math.min(2 + Math.floor(length / curve_step), max_pieces) - 1;
    for (let k = 1; k <= pieces; k++) {
      const s = k / pieces;
      path.push([0, 1].map((d) => (1 - s) ** 2 * before[d] + 2 * s * (1 - s) * [x, y][d] + s ** 2 * middle[d]));
    }
    before = middle;
  }
  path.push(points[points.length - 1]);
  return path;
}

/** The pen with which strokes become as wide as MNIST's may be. */
function fittingPen(pen, paths, { box, thinnest, new_thin, thickest }) {
  const extent = (d) => {
    const inside = paths.flat().map((point) => Math.min(1, Math.max(0, point[d])));
    return Math.max(...inside) - Math.min(...inside);
  };
  const length = Math.max(extent(0), extent(1)),
    width = (pen * box) / (length + pen);
  const penFor = (wanted) => (length * wanted) / (box - wanted);
  if (width < thinnest) return penFor(new_thin);
  if (width > thickest && length > pen) return penFor(thickest); // a dot has no strokes
  return pen;
}

/** (side, side) grey levels, each of fine by fine points that the pen has covered or not. */
function inked(paths, pen, { side, fine }) {
  const size = side * fine,
    radius = (pen * size) / 2;
  const covered = new Uint8Array(size * size);
  const stamp = (x, y) => {
    for (let down = -Math.floor(radius); down <= radius; down++) {
      const row = Math.round(y) + down;
      if (row < 0 || row >= size) continue;
      const half = Math.round(Math.sqrt(radius ** 2 - down ** 2));
      const [from, to] = [Math.max(0, Math.round(x) - half), Math.min(size - 1, Math.round(x) + half)];
      if (to >= from) covered.fill(1, row * size + from, row * size + to + 1);
    }
  };
  for (const path of paths) {
    path.forEach(([x, y], i) => {
      const [fromX, fromY] = path[Math.max(0, i - 1)];
      const pieces = Math.max(1, Math.ceil(Math.max(Math.abs(x - fromX), Math.abs(y - fromY)) * size));
      for (let k = 1; k <= pieces; k++) {
        const share = k / pieces;
        stamp((fromX + share * (x - fromX)) * size - 0.5, (fromY + share * (y - fromY)) * size - 0.5);
      }
    });
  }
  const grey = new Uint8Array(side * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      let count = 0;
      for (let y = row * fine; y < (row + 1) * fine; y++)
        for (let x = column * fine; x < (column + 1) * fine; x++) count += covered[y * size + x];
      grey[row * side + column] = Math.round((255 * count) / fine ** 2);
    }
  return grey;
}

/** What of each of `from` pixels falls on each of `to` ones, as rows [first, weights]. */
function shares(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, k) => {
    const [low, high] = [k * scale, (k + 1) * scale];
    const first = Math.floor(low);
    const weights = [];
    for (let i = first; i < high - 1e-9; i++) weights.push((Math.min(high, i + 1) - Math.max(low, i)) / scale);
    return { first, weights };
  });
}

/** Scale and centre, as MNIST's were. @param {Uint8Array} grey @param {Rules} rules */
function likeMnist(grey, rules) {
  const { side, box, centre } = rules;
  const rows = [...Array(side).keys()].filter((y) => grey.subarray(y * side, (y + 1) * side).some(Boolean));
  const columns = [...Array(side).keys()].filter((x) => rows.some((y) => grey[y * side + x]));
  if (!rows.length) throw new Mistake(rules.empty);
  const [top, left] = [rows[0], columns[0]],
    [high, wide] = [rows[rows.length - 1] - top + 1, columns[columns.length - 1] - left + 1];
  const scale = box / Math.max(high, wide);
  const [height, width] = [high, wide].map((length) => Math.max(1, roundEven(length * scale)));
  const [down, across] = [shares(high, height), shares(wide, width)];
  const small = down.map(({ first: y, weights: byRow }) =>
    across.map(({ first: x, weights: byColumn }) => {
      let sum = 0;
      byRow.forEach((a, i) => byColumn.forEach((b, k) => (sum += a * b * grey[(top + y + i) * side + left + x + k])));
      return Math.round(sum);
    }),
  );
  let mass = 0,
    massY = 0,
    massX = 0;
  small.forEach((row, y) =>
    row.forEach((ink, x) => {
      mass += ink;
      massY += ink * y;
      massX += ink * x;
    }),
  );
  const start = (at, length) => Math.min(Math.max(0, roundEven(centre - at)), SIDE - length);
  const [fromY, fromX] = [start(massY / mass, height), start(massX / mass, width)];
  const picture = new Uint8Array(PIXELS);
  small.forEach((row, y) => picture.set(row, (fromY + y) * SIDE + fromX));
  return picture;
}

/**
 * The drawing pad's value as grey levels (784).
 *
 * @param {{ pen: number, strokes: number[][][] }} drawing
 * @param {Rules} rules
 */
export function drawn({ pen, strokes }, rules) {
  const paths = strokes.filter((points) => points.length).map((points) => pathOf(points, rules));
  return likeMnist(inked(paths, fittingPen(pen, paths, rules), rules), rules);
}

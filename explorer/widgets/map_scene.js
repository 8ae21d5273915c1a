// The map on its canvas: the dots are drawn once for each size and colour of the page, what moves over them each time.

import { SIDE } from "./constants.js";
import { PIXELS } from "./numbers.js";
import { drawGrey } from "./pictures.js";

export const COLOURS = [
  "#4e79a7",
  "#f28e2b",
  "#e15759",
  "#2a9d8f",
  "#59a14f",
  "#c9a400",
  "#b07aa1",
  "#e377a2",
  "#9c755f",
  "#7f7f7f",
];
const REACH = 1.12, // places from -REACH to REACH are on the canvas
  DOT = 1.3, // its radius; this and the next in the page's pixels
  HEAD = 30, // side of the picture at a path's end
  MOST_POINTS = 150, // of one path: finer ones cannot be seen
  MANY = 8, // paths
  TAIL = 20; // points

export function createScene({ root, part, colour, createChart }, scene) {
  const still = document.createElement("canvas"); // the dots
  let stillOf = ""; // what they were drawn for
  let size = [1, 1];

  // As large a square as there is room for, in the middle; the canvas may be wider or higher.
  const toX = (x, w) => (w + (x / REACH) * Math.min(w, size[1])) / 2;
  const toY = (y, h) => (h - (y / REACH) * Math.min(size[0], h)) / 2;

  /** From a point on the canvas to a place. */
  const placeAt = (left, top) => {
    const side = Math.min(...size);
    return [((2 * left - size[0]) / side) * REACH, ((size[1] - 2 * top) / side) * REACH];
  };

  function drawStill(map, w, h, ratio, ink, ground) {
    const wanted = [w, h, ratio, ink, ground].join();
    if (stillOf === wanted) return;
    stillOf = wanted;
    [still.width, still.height] = [Math.round(w * ratio), Math.round(h * ratio)];
    const context = still.getContext("2d");
    context.scale(ratio, ratio);
    context.globalAlpha = 0.55;
    for (let label = 0; label < 10; label++) {
      context.fillStyle = COLOURS[label];
      context.beginPath();
      for (let i = 0; i < map.n; i++) {
        if (map.labels[i] !== label) continue;
        const x = toX(map.places[2 * i], w),
          y = toY(map.places[2 * i + 1], h);
        context.moveTo(x + DOT, y);
        context.arc(x, y, DOT, 0, 2 * Math.PI);
      }
      context.fill();
    }
    context.globalAlpha = 1;
    context.font = `700 26px ${getComputedStyle(root).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 5;
    context.lineJoin = "round";
    map.middles.forEach(([x, y], label) => {
      context.strokeStyle = ground;
      context.fillStyle = ink;
      context.strokeText(String(label), toX(x, w), toY(y, h));
      context.fillText(String(label), toX(x, w), toY(y, h));
    });
  }

  // The frames of which a path's points are made: not more than can be seen, and the one that is shown.
  function framesUpTo(told) {
    const stride = Math.max(1, Math.ceil(told.times.length / MOST_POINTS)),
      frames = [];
    for (let frame = 0; frame <= told.at; frame++)
      if (told.times[frame] !== null && (frame % stride === 0 || frame === told.at)) frames.push(frame);
    return frames;
  }

  const small = document.createElement("canvas");
  small.width = small.height = SIDE;

  function drawPaths(context, w, h, told, placesOf, ink, ground) {
    const frames = framesUpTo(told);
    if (!frames.length) return;
    // of many paths only the last part: all of all of them would be a tangle
    const shown = told.n > MANY ? frames.slice(-TAIL) : frames,
      places = shown.map(placesOf),
      last = frames[frames.length - 1],
      pictures = told.pictures?.(last);
    context.lineJoin = "round";
    for (let k = 0; k < told.n; k++) {
      const line = new Path2D();
      for (const place of places) line.lineTo(toX(place[2 * k], w), toY(place[2 * k + 1], h));
      context.strokeStyle = ground;
      context.lineWidth = 4.5;
      context.stroke(line);
      context.strokeStyle = told.n === 1 ? colour("--color-accent") : ink;
      context.lineWidth = told.n === 1 ? 2.5 : 1.5;
      context.stroke(line);
    }
    const end = places[places.length - 1];
    for (let k = 0; k < told.n; k++) {
      const x = toX(end[2 * k], w),
        y = toY(end[2 * k + 1], h);
      if (pictures) {
        drawGrey(small.getContext("2d"), pictures.subarray(k * PIXELS, (k + 1) * PIXELS));
        context.fillStyle = colour("--color-accent");
        context.fillRect(x - HEAD / 2 - 2, y - HEAD / 2 - 2, HEAD + 4, HEAD + 4);
        context.drawImage(small, x - HEAD / 2, y - HEAD / 2, HEAD, HEAD);
      } else {
        drawKnob(context, x, y, 5, colour("--color-accent"), ground);
      }
      if (told.marks?.[k]) {
        context.font = `700 14px ${getComputedStyle(root).fontFamily}`;
        context.strokeStyle = ground;
        context.fillStyle = ink;
        context.lineWidth = 4;
        context.strokeText(told.marks[k], x + 8, y - 8);
        context.fillText(told.marks[k], x + 8, y - 8);
      }
    }
  }

  function drawKnob(context, x, y, radius, fill, rim) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = rim;
    context.lineWidth = 1.5;
    context.stroke();
  }

  return {
    placeAt,
    redraw: createChart(part("plane"), (context, w, h) => {
      const { map, told, placesOf, crowd, pointer } = scene();
      if (!map) return;
      size = [w, h];
      const ink = colour("--body-text-color"),
        ground = colour("--background-fill-primary"),
        ratio = window.devicePixelRatio || 1;
      drawStill(map, w, h, ratio, ink, ground);
      context.drawImage(still, 0, 0, w, h);
      if (told) drawPaths(context, w, h, told, placesOf, ink, ground);
      for (const { x, y, label } of crowd ?? [])
        drawKnob(context, toX(x, w), toY(y, h), 4, label === null ? ground : COLOURS[label], ink);
      if (pointer !== null) {
        const x = toX(map.places[2 * pointer], w),
          y = toY(map.places[2 * pointer + 1], h);
        context.beginPath();
        context.arc(x, y, 7, 0, 2 * Math.PI);
        context.strokeStyle = ink;
        context.lineWidth = 2;
        context.stroke();
      }
    }),
  };
}

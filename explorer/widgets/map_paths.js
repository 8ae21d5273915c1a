// The paths of a film's pictures over the map. What a path has passed stands on a layer of its own, which is drawn anew
// with each frame of the film; between two frames only its end moves on.

import { SIDE } from "./constants.js";
import { PIXELS } from "./numbers.js";
import { drawGrid } from "./pictures.js";

const HEAD = 30, // side of the picture at a path's end, in the page's pixels
  MOST_POINTS = 150, // of one path: finer ones cannot be seen
  MANY = 8, // paths
  TAIL = 20; // points

/** @type {HTMLCanvasElement | null} */
let heads = null; // the pictures at the ends, side by side
let headsOf = "";

/**
 * @param {CanvasRenderingContext2D} context the plane's
 * @param {import("./map_scene.js").Look} look
 * @param {import("./paths.js").Told} told
 * @param {(frame: number) => Float32Array} placesOf (n, 2)
 * @param {{ under: HTMLCanvasElement, layer: any }} ground what lies under the paths, and the layer to draw both on
 */
export function drawPaths(context, look, told, placesOf, { under, layer }) {
  const frames = framesUpTo(told);
  if (!frames.length) return void context.drawImage(under, 0, 0);
  // of many paths only the last part: all of all of them would be a tangle
  const shown = told.n > MANY ? frames.slice(-TAIL) : frames,
    last = shown[shown.length - 1],
    name = [told.run, told.at, told.n, shown.length].join();
  layer.drawn(name, look, (still) => {
    still.save();
    still.setTransform(1, 0, 0, 1, 0, 0);
    still.drawImage(under, 0, 0);
    still.restore();
    stroke(still, look, told.n, shown.map(placesOf));
  });
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(layer.canvas, 0, 0);

  const { ratio } = look;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const before = placesOf(last),
    end = between(told, last, before, placesOf);
  if (end !== before) stroke(context, look, told.n, [before, end]);
  drawEnds(context, look, told, end, last, name);
}

// The frames of which a path's points are made: not more than can be seen, and the one that is shown.
function framesUpTo(told) {
  const stride = Math.max(1, Math.ceil(told.times.length / MOST_POINTS)),
    frames = [];
  for (let frame = 0; frame <= told.at; frame++)
    if (told.times[frame] !== null && (frame % stride === 0 || frame === told.at)) frames.push(frame);
  return frames;
}

/** Where the ends are now: on their way from the frame that is shown to the next one, as far as the film's clock is. */
function between(told, frame, places, placesOf) {
  const part = (told.clock?.() ?? told.at) - told.at;
  if (frame !== told.at || !(part > 0 && part < 1) || (told.times[frame + 1] ?? null) === null) return places;
  const next = placesOf(frame + 1);
  return places.map((place, i) => place + part * (next[i] - place));
}

function stroke(context, { ink, ground, accent, toX, toY }, n, points) {
  const lines = new Path2D();
  for (let k = 0; k < n; k++)
    points.forEach((place, i) =>
      i
        ? lines.lineTo(toX(place[2 * k]), toY(place[2 * k + 1]))
        : lines.moveTo(toX(place[2 * k]), toY(place[2 * k + 1])),
    );
  context.lineJoin = context.lineCap = "round";
  context.strokeStyle = ground;
  context.lineWidth = 4.5;
  context.stroke(lines);
  context.strokeStyle = n === 1 ? accent : ink;
  context.lineWidth = n === 1 ? 2.5 : 1.5;
  context.stroke(lines);
}

function drawEnds(context, { ink, ground, accent, font, toX, toY }, told, end, frame, name) {
  const pictures = told.pictures?.(frame);
  if (pictures && headsOf !== name) {
    headsOf = name;
    heads ??= document.createElement("canvas");
    drawGrid(heads, pictures.subarray(0, told.n * PIXELS), told.n, told.n);
  }
  for (let k = 0; k < told.n; k++) {
    const x = toX(end[2 * k]),
      y = toY(end[2 * k + 1]);
    if (pictures) {
      context.fillStyle = accent;
      context.fillRect(x - HEAD / 2 - 2, y - HEAD / 2 - 2, HEAD + 4, HEAD + 4);
      context.drawImage(heads, k * (SIDE + 1), 0, SIDE, SIDE, x - HEAD / 2, y - HEAD / 2, HEAD, HEAD);
    } else {
      context.beginPath();
      context.arc(x, y, 5, 0, 2 * Math.PI);
      context.fillStyle = accent;
      context.fill();
      context.strokeStyle = ground;
      context.lineWidth = 1.5;
      context.stroke();
    }
    if (!told.marks?.[k]) continue;
    context.font = `700 14px ${font}`;
    context.textAlign = "start";
    context.textBaseline = "alphabetic";
    context.strokeStyle = ground;
    context.fillStyle = ink;
    context.lineWidth = 4;
    context.strokeText(told.marks[k], x + 8, y - 8);
    context.fillText(told.marks[k], x + 8, y - 8);
  }
}

// The map on its canvas, in layers: the dots are drawn once for each size and colour of the page, the paths once for
// each frame of their film, and only what moves between two frames each time the screen is painted.

import { drawPaths } from "./map_paths.js";

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
  KNOB = 4, // of a picture of the crowd
  RIM = 1.5,
  CHART_PX = 13; // the letters of the plane, as of all charts

/**
 * What is drawn with: the canvas's size in the page's pixels, the screen's pixels in one of these, and the colours.
 * Asking the page for them costs a layout, so they are kept until the page tells of a change.
 * @typedef {{ w: number, h: number, ratio: number, ink: string, ground: string, accent: string, paper: string,
 *   font: string, toX: (x: number) => number, toY: (y: number) => number }} Look
 */

export function createScene({ part, colour }, scene) {
  const canvas = part("plane"),
    context = canvas.getContext("2d", { alpha: false });
  const dots = createLayer(),
    paths = createLayer();
  /** @type {Look | null} */
  let look = null;
  let knobs = null; // see knobsOf

  /** @returns {Look | null} null in a tab that is not open */
  function measured() {
    const { clientWidth, clientHeight } = canvas;
    if (!clientWidth || !clientHeight) return null;
    const style = getComputedStyle(canvas),
      scale = Math.max(1, parseFloat(style.fontSize) / CHART_PX || 1), // on the stage all is larger
      w = clientWidth / scale,
      h = clientHeight / scale,
      side = Math.min(w, h); // as large a square as there is room for, in the middle
    return {
      w,
      h,
      ratio: (window.devicePixelRatio || 1) * scale,
      ink: colour("--body-text-color"),
      ground: colour("--background-fill-primary"),
      accent: colour("--color-accent"),
      paper: style.backgroundColor,
      font: style.fontFamily,
      toX: (x) => (w + (x / REACH) * side) / 2,
      toY: (y) => (h - (y / REACH) * side) / 2,
    };
  }

  /** From a point on the canvas to a place. */
  function placeAt(left, top) {
    const { clientWidth, clientHeight } = canvas,
      side = Math.min(clientWidth, clientHeight);
    return [((2 * left - clientWidth) / side) * REACH, ((clientHeight - 2 * top) / side) * REACH];
  }

  /** Everything anew, as the page has another size or other colours. */
  function refresh() {
    look = knobs = null;
    dots.forget();
    paths.forget();
    redraw();
  }

  function redraw() {
    const { map, told, placesOf, crowd, pointer } = scene();
    if (!map) return;
    look ??= measured();
    if (!look) return;
    const { ratio, ink, toX, toY } = look;
    fit(canvas, look);
    dots.drawn("dots", look, (still) => drawDots(still, look, map));
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (told) drawPaths(context, look, told, placesOf, { under: dots.canvas, layer: paths });
    else context.drawImage(dots.canvas, 0, 0);
    if (crowd) drawCrowd(crowd);
    if (pointer === null) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.beginPath();
    context.arc(toX(map.places[2 * pointer]), toY(map.places[2 * pointer + 1]), 7, 0, 2 * Math.PI);
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.stroke();
  }

  // ---- a crowd: each of its pictures is one of eleven knobs, which are drawn beforehand ----

  function knobsOf({ ratio, ground, ink }) {
    const made = document.createElement("canvas"),
      side = Math.ceil(2 * (KNOB + RIM) * ratio);
    [made.width, made.height] = [side * (COLOURS.length + 1), side];
    const pen = made.getContext("2d");
    [...COLOURS, ground].forEach((paint, k) => {
      pen.beginPath();
      pen.arc((k + 0.5) * side, side / 2, KNOB * ratio, 0, 2 * Math.PI);
      pen.fillStyle = paint;
      pen.fill();
      pen.strokeStyle = ink;
      pen.lineWidth = RIM * ratio;
      pen.stroke();
    });
    return { made, side };
  }

  function drawCrowd(crowd) {
    knobs ??= knobsOf(look);
    const { made, side } = knobs,
      { ratio, toX, toY } = look;
    for (const { x, y, label } of crowd) {
      const column = label === null ? COLOURS.length : label;
      context.drawImage(
        made,
        column * side,
        0,
        side,
        side,
        toX(x) * ratio - side / 2,
        toY(y) * ratio - side / 2,
        side,
        side,
      );
    }
  }

  new ResizeObserver(refresh).observe(canvas);
  document.addEventListener("explorer:colours", refresh); // see picture.js
  return { placeAt, redraw, refresh };
}

/** Make a canvas as large as this look wants it. */
function fit(canvas, { w, h, ratio }) {
  const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)];
  if (canvas.width === width && canvas.height === height) return;
  canvas.width = width;
  canvas.height = height;
}

/** A canvas that nobody sees, drawn once for each name that is given to what is on it. */
function createLayer() {
  const canvas = document.createElement("canvas");
  let held = "";
  return {
    canvas,
    forget: () => (held = ""),
    drawn(name, look, draw) {
      if (held === name) return;
      held = name;
      fit(canvas, look);
      const context = canvas.getContext("2d", { alpha: false });
      context.setTransform(look.ratio, 0, 0, look.ratio, 0, 0);
      draw(context);
    },
  };
}

function drawDots(context, { w, h, ink, ground, paper, font, toX, toY }, map) {
  context.globalAlpha = 1;
  context.fillStyle = paper;
  context.fillRect(0, 0, w, h);
  context.globalAlpha = 0.55;
  for (let label = 0; label < 10; label++) {
    context.fillStyle = COLOURS[label];
    context.beginPath();
    for (let i = 0; i < map.n; i++) {
      if (map.labels[i] !== label) continue;
      const x = toX(map.places[2 * i]),
        y = toY(map.places[2 * i + 1]);
      context.moveTo(x + DOT, y);
      context.arc(x, y, DOT, 0, 2 * Math.PI);
    }
    context.fill();
  }
  context.globalAlpha = 1;
  context.font = `700 26px ${font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 5;
  context.lineJoin = "round";
  map.middles.forEach(([x, y], label) => {
    context.strokeStyle = ground;
    context.fillStyle = ink;
    context.strokeText(String(label), toX(x), toY(y));
    context.fillText(String(label), toX(x), toY(y));
  });
}

// A film as a file, made in the browser from the frames that it holds: an animation, or the frames as they are.

import { encodeGif } from "./gif.js";
import { encodeNpz } from "./npz.js";
import { drawGrid } from "./pictures.js";

const GIF_FRAMES = 120,
  GIF_SIDE = 112; // enough to see it move, and large enough for a slide

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// The grey levels of one strip's pictures in one frame.
export function stripOf(film, frame, s) {
  const from = (frame * film.strips.length + s) * film.size;
  return film.frames.subarray(from, from + film.size);
}

// The numbers of the frames that have arrived.
const heldFrames = (film) => film.times.flatMap((t, frame) => (t === null ? [] : [frame]));

// The strips side by side with their names, and t below: grey levels of one frame of the animation.
function drawFrame(context, film, frame) {
  const { width, height } = context.canvas,
    side = GIF_SIDE,
    tile = document.createElement("canvas");
  context.fillStyle = "black";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "white";
  film.strips.forEach((strip, s) => {
    const x = 8 + s * (side + 8);
    drawGrid(tile, stripOf(film, frame, s), film.n);
    context.drawImage(tile, x, 24, side, (side * tile.height) / tile.width);
    context.fillText(strip, x, 17);
  });
  context.fillText(`t = ${film.times[frame]}`, 8, height - 8);
  return context.getImageData(0, 0, width, height).data.filter((_, i) => i % 4 === 0);
}

async function gifOf(film) {
  const canvas = document.createElement("canvas");
  canvas.width = 8 + film.strips.length * (GIF_SIDE + 8);
  canvas.height = GIF_SIDE + 48;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  context.font = "13px sans-serif";
  const held = heldFrames(film),
    count = Math.min(GIF_FRAMES, held.length),
    frames = [];
  for (let i = 0; i < count; i++) {
    frames.push(drawFrame(context, film, held[Math.round((i * (held.length - 1)) / Math.max(1, count - 1))]));
    if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve)); // let the page breathe
  }
  return encodeGif(frames, canvas.width, canvas.height, 5, 150);
}

// t (frames,) and each strip (frames, pictures, 28, 28), as grey levels.
function npzOf(film) {
  const held = heldFrames(film);
  const arrays = {
    t: { type: "<i4", shape: [held.length], data: Int32Array.from(held, (frame) => film.times[frame]) },
  };
  film.strips.forEach((strip, s) => {
    const data = new Uint8Array(held.length * film.size);
    held.forEach((frame, i) => data.set(stripOf(film, frame, s), i * film.size));
    arrays[strip] = { type: "|u1", shape: [held.length, film.n, film.h, film.w], data };
  });
  return encodeNpz(arrays);
}

export function createSaving(widget, film) {
  const { part } = widget;
  /** @type {Record<string, [string, (film: any) => Blob | Promise<Blob>]>} */
  const buttons = { "save-gif": ["gif", gifOf], "save-frames": ["npz", npzOf] };
  for (const [name, [ending, make]] of Object.entries(buttons)) {
    part(name).addEventListener("click", async () => {
      const whole = film();
      part(name).disabled = true;
      download(await make(whole), `denoising.${ending}`);
      part(name).disabled = false;
    });
  }
  return () => {
    for (const name of Object.keys(buttons)) part(name).disabled = !film()?.done;
  };
}

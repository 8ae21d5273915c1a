// A film as a file, made in the browser from the frames that it holds: an animation, or the frames as they are.

import { encodeGif } from "./gif.js";
import { write } from "./glyphs.js";
import { encodeNpz } from "./npz.js";
import { PIXELS } from "./numbers.js";
import { gridColumns } from "./pictures.js";

const GIF_FRAMES = 120,
  GIF_SIDE = 112, // pixels of a strip: enough to see it move, and large enough for a slide
  GAP = 8; // pixels between strips

export function download(blob, name) {
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

// The strips side by side with their names, and below who draws, where it is not the pretrained network, and t: grey
// levels of one frame of the animation, made from the film's own numbers. A canvas is not read back: some browsers then
// hand out noise.
export function greyFrame(film, frame) {
  const [width, height] = gifSize(film),
    grey = new Uint8Array(width * height);
  if (film.tag) write(grey, width, film.tag, GAP, height - 34, 1);
  film.strips.forEach((strip, s) => {
    const x = GAP + s * (GIF_SIDE + GAP);
    write(grey, width, strip, x, 4);
    enlargeGrid(grey, width, x, 24, stripOf(film, frame, s), film.n);
  });
  write(grey, width, `t = ${film.times[frame]}`, GAP, height - 20);
  return grey;
}

export const gifSize = (film) => [GAP + film.strips.length * (GIF_SIDE + GAP), GIF_SIDE + (film.tag ? 62 : 48)];

// n pictures in a grid of at most GIF_SIDE pixels a side, at (left, top): of each pixel the nearest of the grid's,
// whose gaps are black.
function enlargeGrid(grey, width, left, top, pictures, n) {
  const columns = gridColumns(n),
    across = columns * 29 - 1,
    down = (n / columns) * 29 - 1,
    step = across / GIF_SIDE;
  for (let y = 0; y < Math.min(GIF_SIDE, Math.round(down / step)); y++) {
    for (let x = 0; x < GIF_SIDE; x++) {
      const column = Math.floor((x + 0.5) * step),
        row = Math.floor((y + 0.5) * step);
      if (column % 29 === 28 || row % 29 === 28) continue;
      const picture = Math.floor(row / 29) * columns + Math.floor(column / 29);
      grey[(top + y) * width + left + x] = pictures[picture * PIXELS + (row % 29) * 28 + (column % 29)];
    }
  }
}

async function gifOf(film) {
  const held = heldFrames(film),
    count = Math.min(GIF_FRAMES, held.length),
    frames = [];
  for (let i = 0; i < count; i++) {
    frames.push(greyFrame(film, held[Math.round((i * (held.length - 1)) / Math.max(1, count - 1))]));
    if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve)); // let the page breathe
  }
  return encodeGif(frames, ...gifSize(film), 5, 150);
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
      download(await make(whole), `${["denoising", ...(whole.tag ? whole.tag.split(" ") : [])].join("-")}.${ending}`);
      part(name).disabled = false;
    });
  }
  return () => {
    for (const name of Object.keys(buttons)) part(name).disabled = !film()?.done;
  };
}

// Pictures on canvases: one, or many in a grid.

import { SIDE } from "./constants.js";
import { PIXELS } from "./numbers.js";

// One grey picture, its top left corner at (x, y). CSS enlarges the canvas; its own pixels stay the picture's.
export function drawGrey(context, grey, x = 0, y = 0, w = SIDE, h = SIDE) {
  const image = context.createImageData(w, h);
  for (let i = 0; i < w * h; i++) {
    image.data[4 * i] = image.data[4 * i + 1] = image.data[4 * i + 2] = grey[i];
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, x, y);
}

// As square a grid for n pictures as leaves no hole.
export function gridColumns(n) {
  let columns = Math.ceil(Math.sqrt(n));
  while (n % columns) columns++;
  return columns;
}

// n pictures in rows of `columns`, one transparent pixel between them.
export function drawGrid(canvas, grey, n, columns = gridColumns(n)) {
  const width = columns * (SIDE + 1) - 1,
    height = Math.ceil(n / columns) * (SIDE + 1) - 1;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  for (let i = 0; i < n; i++) {
    const picture = grey.subarray(i * PIXELS, (i + 1) * PIXELS);
    drawGrey(context, picture, (i % columns) * (SIDE + 1), Math.floor(i / columns) * (SIDE + 1));
  }
}

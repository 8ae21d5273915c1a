// What stands on the screen of a player, as a PNG: its canvases and its texts, each drawn again where it stands.
// Controls are left out. Nothing is computed from what is drawn here.

import { download } from "./save.js";

const SCALE = 2, // picture's pixels to one of the page, at least
  EDGE = 16;
const LEFT_OUT =
  ".transport, .extras, .bets, button, input, select, .for-ears, .taking, .runs, .history, .quiz, .marks";
// a word, or one letter where words have no spaces between them
const WORD = /[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+/g;

const isSeen = (element) => {
  const { width, height } = element.getBoundingClientRect();
  return width > 1 && height > 1 && !element.closest(LEFT_OUT);
};

function drawText(context, node) {
  const element = node.parentElement,
    style = getComputedStyle(element),
    range = document.createRange();
  context.fillStyle = style.color;
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  for (const { 0: word, index } of node.data.matchAll(WORD)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect(),
      { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = context.measureText(word),
      baseline = box.top + (box.height - above - below) / 2 + above;
    context.fillText(word, box.left, baseline);
    if (element.matches(".hat")) context.fillText("ˆ", box.left + box.width * 0.2, baseline - box.height * 0.05);
  }
}

/**
 * @param {Element[]} blocks what is to be seen on it, side by side as on the page
 * @param {string} title stands above it
 */
export function pictureOf(blocks, title) {
  const boxes = blocks.map((block) => block.getBoundingClientRect());
  const left = Math.min(...boxes.map((box) => box.left)) - EDGE,
    top = Math.min(...boxes.map((box) => box.top)) - 3 * EDGE,
    right = Math.max(...boxes.map((box) => box.right)) + EDGE;
  const shown = blocks.flatMap((block) => [...block.querySelectorAll("*")]).filter(isSeen);
  const drawn = shown.filter((element) => element.matches("canvas, p, figcaption, span, b, h4, li"));
  const bottom = Math.max(...drawn.map((element) => element.getBoundingClientRect().bottom), top + 4 * EDGE) + EDGE;
  const canvas = document.createElement("canvas"),
    scale = SCALE * Math.max(1, window.devicePixelRatio || 1);
  canvas.width = Math.round((right - left) * scale);
  canvas.height = Math.round((bottom - top) * scale);
  const context = canvas.getContext("2d"),
    style = getComputedStyle(blocks[0]);
  context.fillStyle = style.getPropertyValue("--body-background-fill").trim() || "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.translate(-left, -top);
  context.fillStyle = style.color;
  context.font = `700 ${1.4 * EDGE}px ${style.fontFamily}`;
  context.fillText(title, left + EDGE, top + 2 * EDGE, right - left - 2 * EDGE);
  for (const element of shown) {
    if (element instanceof HTMLCanvasElement) {
      const box = element.getBoundingClientRect();
      context.imageSmoothingEnabled = getComputedStyle(element).imageRendering !== "pixelated";
      context.globalAlpha = Number(getComputedStyle(element).opacity);
      context.drawImage(element, box.left, box.top, box.width, box.height);
      context.globalAlpha = 1;
      continue;
    }
    for (const node of element.childNodes) if (node instanceof Text && node.data.trim()) drawText(context, node);
  }
  return canvas;
}

/** Save it as a file. */
export function savePicture(blocks, title) {
  pictureOf(blocks, title).toBlob((blob) => blob && download(blob, "ddpm-explorer.png"), "image/png");
}

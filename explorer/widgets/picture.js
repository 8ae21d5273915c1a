// What stands on the screen of a player, as a PNG: its canvases and its texts, each drawn again where it stands.
// Controls are left out. Nothing is computed from what is drawn here.

import { download } from "./save.js";

const SCALE = 2, // picture's pixels to one of the page, at least
  EDGE = 16;
const LEFT_OUT =
  ".transport, .extras, .bets, button, input, select, .for-ears, .taking, .runs, .history, .quiz, .marks";
const GAP = 2 * EDGE; // what is left out leaves no more room than this
// a word, or one letter where words have no spaces between them
const WORD = /[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+/g;

// marks of a chart's key: pieces of a line, and spots
const KEYS = ".line, .legend i, .dot, .ring, .square";
const COLOURS = "explorer:colours"; // whoever draws with the page's colours draws again

/** For paper: `draw` with the light colours, whatever the page has. @template T @param {() => T} draw */
export function onPaper(draw) {
  if (!document.body.classList.contains("dark")) return draw();
  const turn = () => {
    document.body.classList.toggle("dark");
    document.dispatchEvent(new CustomEvent(COLOURS));
  };
  turn();
  try {
    return draw();
  } finally {
    turn();
  }
}

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

function drawKey(context, element) {
  const { left, top, width, height } = element.getBoundingClientRect(),
    { backgroundColor, borderTopColor, borderTopStyle, borderTopWidth, borderRadius } = getComputedStyle(element),
    line = parseFloat(borderTopWidth),
    isRound = borderRadius === "50%";
  context.fillStyle = backgroundColor;
  context.strokeStyle = borderTopColor;
  context.lineWidth = line;
  context.setLineDash({ dashed: [3 * line, 2 * line], dotted: [line, line] }[borderTopStyle] ?? []);
  context.beginPath();
  if (isRound) context.arc(left + width / 2, top + height / 2, (width - line) / 2, 0, 2 * Math.PI);
  else if (line) context.rect(left, top + line / 2, width, 0);
  else context.rect(left, top, width, height);
  context.fill();
  if (line) context.stroke();
  context.setLineDash([]);
}

/**
 * How much lower what stands at y on the page is than on the picture, where what is left out leaves no room.
 * @param {DOMRect[]} boxes of all that is drawn
 * @returns {(y: number) => number}
 */
export function folding(boxes) {
  const rows = boxes.filter(({ height }) => height > 0).sort((a, b) => a.top - b.top);
  let bottom = rows[0]?.bottom ?? 0,
    taken = 0;
  const folds = /** @type {[number, number][]} */ ([]);
  for (const box of rows) {
    if (box.top - bottom > GAP) folds.push([box.top, (taken += box.top - bottom - GAP)]);
    bottom = Math.max(bottom, box.bottom);
  }
  return (y) => folds.findLast(([from]) => y >= from - 1)?.[1] ?? 0;
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
  const drawn = shown
    .filter((element) => element.matches("canvas, p, figcaption, span, b, h4, li"))
    .map((element) => element.getBoundingClientRect());
  const folded = folding(drawn);
  const bottom = Math.max(...drawn.map((box) => box.bottom - folded(box.bottom)), top + 4 * EDGE) + EDGE;
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
    const y = folded(element.getBoundingClientRect().top) + top;
    context.setTransform(scale, 0, 0, scale, -left * scale, -y * scale);
    if (element.matches(KEYS)) drawKey(context, element);
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

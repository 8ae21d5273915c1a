// The drawing pad. Strokes are kept as points, so that the last one can be taken back; Python gets their picture.

import { say } from "./languages.js";
import { clamp } from "./numbers.js";
import { createAnnouncer } from "./speech.js";
import { equip } from "./widget.js";

export function mount({ element, props }) {
  const { part, root } = equip(element);

  const SIZE = 280; // the canvas's own pixels, and the unit of a stroke's points
  const SENT = 140; // side of the picture that is sent: five times MNIST's
  const INK = SIZE / 11; // as wide as MNIST's strokes on a digit that fills the pad
  const KEY_STEP = SIZE / 28;
  const SEND_AFTER = 350; // milliseconds: a 4 or a 5 has two strokes

  const paper = part("paper"),
    canvas = part("canvas"),
    context = canvas.getContext("2d", { willReadFrequently: true });
  const announce = createAnnouncer(part("spoken"), 300);
  let strokes = []; // each a list of [x, y]
  let stroke = null; // the one being drawn
  let pointer = null; // by this finger, mouse or pen; null for the keyboard
  let pen = [SIZE / 2, SIZE / 2];
  let sending = null;

  // ---- drawing ----

  function drawStroke(points) {
    context.beginPath();
    context.moveTo(...points[0]);
    // through the middles between points, so that a fast hand's corners are round
    for (let i = 1; i < points.length - 1; i++) {
      const [x, y] = points[i],
        [nextX, nextY] = points[i + 1];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    context.lineTo(...points.at(-1)); // also a dot: a line of no length has round ends
    context.stroke();
  }

  function redraw() {
    context.fillStyle = "black";
    context.fillRect(0, 0, SIZE, SIZE);
    Object.assign(context, { strokeStyle: "white", lineWidth: INK, lineCap: "round", lineJoin: "round" });
    strokes.forEach(drawStroke);
    part("undo").disabled = part("clear").disabled = strokes.length === 0;
    root.dataset.strokes = strokes.length;
    root.dataset.ink = stroke ? "down" : "up";
  }

  function begin(point) {
    clearTimeout(sending);
    strokes.push((stroke = [point]));
    redraw();
  }

  function extend(point) {
    stroke.push(point);
    redraw();
  }

  function finish() {
    if (!stroke) return;
    stroke = pointer = null;
    redraw();
    announce(say("Stroke {0} drawn.", strokes.length));
    sendSoon();
  }

  // ---- the value for Python ----

  function picture() {
    const small = document.createElement("canvas");
    small.width = small.height = SENT;
    const target = small.getContext("2d");
    target.imageSmoothingQuality = "high";
    target.drawImage(canvas, 0, 0, SENT, SENT);
    const { data } = target.getImageData(0, 0, SENT, SENT);
    const grey = Array.from({ length: SENT * SENT }, (_, i) => data[4 * i]);
    if (!grey.some((level) => level > 0)) return null; // every stroke lies outside
    return { pixels: btoa(grey.map((level) => String.fromCharCode(level)).join("")), side: SENT };
  }

  // Gradio sends `change` by itself when the value has changed.
  function sendSoon() {
    clearTimeout(sending);
    sending = setTimeout(() => {
      props.value = strokes.length ? picture() : null;
    }, SEND_AFTER);
  }

  // ---- mouse, finger, pen ----

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE];
  }

  paper.addEventListener("pointerdown", (event) => {
    if (stroke && pointer !== null) return; // a second finger draws nothing
    if (event.pointerType === "mouse" && event.button !== 0) return;
    event.preventDefault(); // no selecting, no dragging; the focus ring is for the keyboard
    finish();
    // the pad hears of this pointer until it is lifted, wherever that happens: a stroke cannot get stuck
    paper.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    begin(place(event));
  });
  paper.addEventListener("pointermove", (event) => {
    if (!stroke || event.pointerId !== pointer) return;
    const between = event.getCoalescedEvents?.() ?? []; // where a fast hand was since the last frame
    for (const moment of between.length ? between : [event]) extend(place(moment));
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    paper.addEventListener(end, (event) => {
      if (event.pointerId === pointer) finish();
    });
  }

  // ---- keyboard ----

  function showPen() {
    part("pen").style.left = `${(100 * pen[0]) / SIZE}%`;
    part("pen").style.top = `${(100 * pen[1]) / SIZE}%`;
  }

  function movePen(x, y) {
    pen = [clamp(pen[0] + x * KEY_STEP, 0, SIZE), clamp(pen[1] + y * KEY_STEP, 0, SIZE)];
    if (stroke) extend(pen);
    showPen();
    const [column, row] = pen.map((value) => Math.round(value / KEY_STEP));
    announce(
      stroke
        ? say("Pen down, column {0}, row {1} of 28.", column, row)
        : say("Pen up, column {0}, row {1} of 28.", column, row),
    );
  }

  function undo() {
    stroke = pointer = null;
    strokes.pop();
    redraw();
    announce(say("Stroke taken back, {0} left.", strokes.length));
    sendSoon();
  }

  const keys = {
    ArrowLeft: () => movePen(-1, 0),
    ArrowRight: () => movePen(1, 0),
    ArrowUp: () => movePen(0, -1),
    ArrowDown: () => movePen(0, 1),
    " ": () => (stroke ? finish() : begin(pen)),
    Escape: finish,
    Backspace: undo,
  };
  paper.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys) || pointer !== null) return;
    event.preventDefault();
    keys[event.key]();
  });
  paper.addEventListener("blur", finish);

  part("undo").addEventListener("click", undo);
  part("clear").addEventListener("click", () => {
    stroke = pointer = null;
    strokes = [];
    redraw();
    announce(say("Drawing cleared."));
    sendSoon();
  });

  showPen();
  redraw();
}

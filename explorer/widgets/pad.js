// The drawing pad. Strokes are kept as points, so that the last one can be taken back, and Python gets the points: what
// a browser reads back from a canvas may be noise, or nothing.

import { say } from "./languages.js";
import { clamp } from "./numbers.js";
import { createAnnouncer } from "./speech.js";
import { equip } from "./widget.js";

export function mount({ element, props }) {
  const { part, root } = equip(element);

  const SIZE = 280; // the canvas's own pixels, and the unit of a stroke's points
  const INK = SIZE / 11; // as wide as MNIST's strokes on a digit that fills the pad
  const KEY_STEP = SIZE / 28;
  const SEND_AFTER = 350; // milliseconds: a 4 or a 5 has two strokes
  const NEXT_POINT = 2; // so far from the last one: a mouse tells a thousand points a second
  const MAX_POINTS = 10_000; // the server takes no more
  const FARTHEST = 2 * SIZE; // outside of the pad, where a point makes no difference

  const paper = part("paper"),
    canvas = part("canvas"),
    context = canvas.getContext("2d");
  const announce = createAnnouncer(part("spoken"), 300);
  let strokes = []; // each a list of [x, y]
  let stroke = null; // the one being drawn
  let pointer = null; // by this finger, mouse or pen; null for the keyboard
  let pen = [SIZE / 2, SIZE / 2];
  let sending = null;
  let sent = null; // the latest value for Python
  let soon = null; // the next frame, in which what has been added is drawn

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
    cancelAnimationFrame(soon);
    soon = null;
    context.fillStyle = "black";
    context.fillRect(0, 0, SIZE, SIZE);
    Object.assign(context, { strokeStyle: "white", lineWidth: INK, lineCap: "round", lineJoin: "round" });
    strokes.forEach(drawStroke);
    part("undo").disabled = part("clear").disabled = strokes.length === 0;
    root.dataset.strokes = strokes.length;
    root.dataset.ink = stroke ? "down" : "up";
  }

  const isFull = () => strokes.reduce((sum, points) => sum + points.length, 0) >= MAX_POINTS;

  function begin(point) {
    clearTimeout(sending);
    if (isFull()) {
      pointer = null;
      announce("The pad is full: take a stroke back.");
      return;
    }
    strokes.push((stroke = [point]));
    redraw();
  }

  function extend(point) {
    const [x, y] = stroke.at(-1);
    if (Math.hypot(point[0] - x, point[1] - y) < NEXT_POINT || isFull()) return;
    stroke.push(point);
    soon ??= requestAnimationFrame(redraw);
  }

  function finish() {
    if (!stroke) return;
    stroke = pointer = null;
    redraw();
    announce(say("Stroke {0} drawn.", strokes.length));
    sendSoon();
  }

  // ---- the value for Python ----

  function drawing() {
    const share = (value) => Math.round((10_000 * value) / SIZE) / 10_000;
    return { pen: INK / SIZE, strokes: strokes.map((points) => points.map((point) => point.map(share))) };
  }

  // Gradio sends `change` by itself when the value has changed.
  function sendSoon() {
    clearTimeout(sending);
    sending = setTimeout(() => {
      props.value = sent = strokes.length ? drawing() : null;
    }, SEND_AFTER);
  }

  // ---- mouse, finger, pen ----

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const at = [((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE];
    return at.map((value) => clamp(value, -FARTHEST, SIZE + FARTHEST));
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
  function clear() {
    stroke = pointer = null;
    strokes = [];
    redraw();
    announce(say("Drawing cleared."));
    sendSoon();
  }
  part("clear").addEventListener("click", clear);

  showPen();
  redraw();
  // Python clears the pad once it has taken its drawing; whatever else comes is what the pad itself has sent.
  return (value) => {
    if (!value && sent) clear();
  };
}

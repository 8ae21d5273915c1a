// The class's handwriting: a member's pad, and the leader's wall.

import { say } from "./languages.js";
import { mount as mountPad } from "./pad.js";
import { bytesOf } from "./numbers.js";
import { drawGrey } from "./pictures.js";

/** @import { ClassDrawing, ClassReport } from "./payload_types.js" */

const SETTLED_MS = 450; // after the last stroke, the pad's drawing is whole

/**
 * @param {(name: string) => any} part
 * @param {(name: string, body?: object) => Promise<boolean>} call
 */
export function createPad(part, call) {
  const pad = { value: null };
  const clear = mountPad({ element: part("draw"), props: pad });
  let sent = 0;
  part("send").addEventListener("click", async () => {
    part("send").disabled = true;
    await new Promise((done) => setTimeout(done, SETTLED_MS));
    if (!pad.value) part("sent").textContent = say("Draw a digit first.");
    else if (await call("draw", { ...pad.value, digit: Number(part("digit").value) })) {
      sent++;
      pad.value = null;
      clear(null);
      part("sent").textContent = say("Sent: {0}. Draw another one.", sent);
    }
    part("send").disabled = false;
  });
}

/**
 * @param {(name: string) => any} part
 * @param {(name: string, body?: object) => Promise<boolean>} call
 */
export function createWall(part, call) {
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();

  /** @param {ClassDrawing} drawing */
  function hang({ number, digit, pixels }) {
    const tile = document.createElement("button"),
      canvas = document.createElement("canvas");
    canvas.width = canvas.height = 28;
    drawGrey(canvas.getContext("2d"), bytesOf(pixels));
    tile.type = "button";
    tile.setAttribute("aria-label", say("A {0}: remove it", digit));
    tile.title = say("remove");
    tile.append(canvas);
    tile.addEventListener("click", () => call("remove", { numbers: [number] }));
    shown.set(number, tile);
    part("tiles").append(tile);
  }

  part("remove-all").addEventListener("click", () => call("remove"));

  /** @param {ClassReport} report */
  return function receive({ drawings, new: fresh }) {
    for (const drawing of fresh) if (!shown.has(drawing.number)) hang(drawing);
    for (const [number, tile] of shown)
      if (!drawings.includes(number)) {
        tile.remove();
        shown.delete(number);
      }
    part("drawn").textContent = say("Drawings: {0}", drawings.length);
    part("train").disabled = part("remove-all").disabled = drawings.length === 0;
  };
}

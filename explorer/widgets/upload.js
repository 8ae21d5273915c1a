// An uploaded picture beside what was made of it. A part of it is chosen here; the server answers what is made of that.

import { WHOLE, createCropping, isWhole } from "./crop.js";
import { say } from "./languages.js";
import { bytesOf } from "./numbers.js";
import { drawGrey } from "./pictures.js";
import { createAnnouncer } from "./speech.js";
import { equip } from "./widget.js";

/** @import { UploadValue } from "./payload_types.js" */

export function mount({ element, trigger }) {
  const { part, root } = equip(element);

  const KEYS_REST = 250; // milliseconds: somebody who presses a key again and again is asked once

  const announce = createAnnouncer(part("spoken"), 500);
  let chosen = WHOLE; // left, top, right, bottom
  let ink = ""; // what the viewer says of it: "", "dark" or "light"
  let isDark = true; // what was found
  let asking = null;

  function show() {
    const whole = isWhole(chosen),
      [left, top, right, bottom] = chosen;
    Object.assign(part("part").style, {
      left: `${100 * left}%`,
      top: `${100 * top}%`,
      width: `${100 * (right - left)}%`,
      height: `${100 * (bottom - top)}%`,
    });
    root.dataset.partChosen = String(!whole);
    root.dataset.choice = JSON.stringify({ part: chosen, ink }); // for the server
    part("whole").disabled = whole;
    part("swap").setAttribute("aria-pressed", String(ink !== ""));
  }

  function ask(wait = 0) {
    clearTimeout(asking);
    asking = setTimeout(() => trigger("choose"), wait);
  }

  function choose(next, wait = 0) {
    chosen = next;
    show();
    ask(wait);
    const [left, top, right, bottom] = chosen.map((share) => Math.round(100 * share));
    announce(
      isWhole(chosen)
        ? say("The whole picture is taken.")
        : say("The part from {0}% to {1}% across and {2}% to {3}% down is taken.", left, right, top, bottom),
    );
  }

  createCropping(part("original"), {
    part: () => chosen,
    preview: (next) => {
      chosen = next;
      show();
    },
    take: (next) => choose(next),
    nudge: (next) => choose(next, KEYS_REST),
  });
  part("whole").addEventListener("click", () => choose(WHOLE));
  part("swap").addEventListener("click", () => {
    if (ink) ink = "";
    else ink = isDark ? "light" : "dark";
    show();
    ask();
    announce(ink ? say("Black and white are swapped.") : say("Black and white are as they were found."));
  });

  /** @param {UploadValue | null} value */
  function receive(value) {
    if (!value) {
      clearTimeout(asking);
      root.dataset.state = "empty";
      return;
    }
    if (value.picture) {
      part("picture").src = `data:image/jpeg;base64,${value.picture}`;
      chosen = WHOLE;
      ink = "";
      root.dataset.state = "shown";
    }
    if (!ink) isDark = value.dark;
    const context = part("made").getContext("2d");
    if (value.made) drawGrey(context, bytesOf(value.made));
    else context.clearRect(0, 0, 28, 28);
    part("sentence").textContent = say(value.sentence);
    root.dataset.answers = String(Number(root.dataset.answers) + 1);
    show();
  }

  return receive;
}

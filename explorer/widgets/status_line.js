// The status line: asks the server how it is, every few seconds, unless nobody looks at the page.

import { ASKING_SECONDS } from "./constants.js";
import { say } from "./languages.js";
import { clamp } from "./numbers.js";
import { equip } from "./widget.js";

/** @import { Pulse } from "./payload_types.js" */

export function mount({ element, server }) {
  const { part, root } = equip(element);

  const EVERY = 5000; // milliseconds, and beyond fifty viewers more: together they ask ten times a second at most
  const SELDOM = ASKING_SECONDS * 1000;
  const name = Math.random().toString(36).slice(2);
  const shown = (count) => count.toLocaleString("en");

  /** @param {Pulse} pulse */
  function sentence({ viewers, films, waiting, picture_steps_per_second, trainings }) {
    const speed = shown(Math.round(picture_steps_per_second));
    const told = [viewers === 1 ? say("1 person is watching") : say("{0} people are watching", shown(viewers))];
    if (films === 1) told.push(say("1 film in the making, {0} steps a second", speed));
    if (films > 1) told.push(say("{0} films in the making, {1} steps a second", shown(films), speed));
    if (waiting) told.push(waiting === 1 ? say("1 film waits") : say("{0} films wait", shown(waiting)));
    if (trainings) told.push(trainings === 1 ? say("1 training") : say("{0} trainings", shown(trainings)));
    return told.join(" · ");
  }

  let next = null;

  async function ask() {
    clearTimeout(next);
    if (document.hidden || !root.isConnected) return;
    let pause = EVERY;
    try {
      const news = await server.pulse(name);
      part("line").textContent = sentence(news);
      pause = clamp(100 * news.viewers, EVERY, SELDOM);
    } catch {
      part("line").textContent = say("The server does not answer at the moment.");
    }
    clearTimeout(next);
    next = setTimeout(ask, pause);
  }

  document.addEventListener("visibilitychange", ask);
  ask();
}

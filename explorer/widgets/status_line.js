// The status line: asks the server how it is, every few seconds, unless nobody looks at the page.

import { ASKING_SECONDS } from "./constants.js";
import { clamp } from "./numbers.js";
import { equip } from "./widget.js";

export function mount({ element, server }) {
  const { part, root } = equip(element);

  const EVERY = 5000; // milliseconds, and beyond fifty viewers more: together they ask ten times a second at most
  const SELDOM = ASKING_SECONDS * 1000;
  const name = Math.random().toString(36).slice(2);
  const counted = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

  function sentence({ viewers, films, waiting, picture_steps_per_second: speed, trainings }) {
    const told = [counted(viewers, "person is watching", "people are watching")];
    if (films)
      told.push(
        `${counted(films, "film", "films")} in the making, ${counted(Math.round(speed), "step", "steps")} a second`,
      );
    if (waiting) told.push(counted(waiting, "film waits", "films wait"));
    if (trainings) told.push(counted(trainings, "training", "trainings"));
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
      part("line").textContent = "The server does not answer at the moment.";
    }
    clearTimeout(next);
    next = setTimeout(ask, pause);
  }

  document.addEventListener("visibilitychange", ask);
  ask();
}

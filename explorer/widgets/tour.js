// The guided tour: three minutes in which the page shows itself. It opens tabs and moves players, but changes no
// setting and places no bet; it can be left at any moment, and ends where it began.

import { ask } from "./keys.js";
import { say, sayAll } from "./languages.js";

const TICK_MS = 50;
const PATIENCE_S = 8; // for a tab that is opened for the first time

/**
 * @typedef {{
 *   sweep: (block: string, from: number, to: number, seconds: number) => void,
 *   replay: (block: string) => void,
 *   ask: (block: string, what: string) => void,
 *   uncover: (block: string, what: string) => void,
 * }} Hands what the tour does: moves a player over a part of its range, plays it from the start, asks it for something,
 *   asks it for something that is asked for again when the step ends, so that all is as before
 */

/** @typedef {[number, (on: Hands) => void]} Act seconds from the step's beginning, and what is done then */
/**
 * @typedef {{ tab: string, block: string, player?: string, seconds: number, words: () => string, acts: Act[] }} Step
 *   block: of what it speaks; player: what it moves first, if that is another block
 */
/** @type {Step[]} */
const STEPS = [
  {
    tab: "add",
    block: "desk",
    seconds: 26,
    words: () =>
      sayAll(
        say("To destroy a picture is easy: step by step it shrinks a little, and noise is added."),
        say("That is a fixed rule, and nothing is learnt here."),
      ),
    acts: [[4, (on) => on.sweep("desk", 0, 1, 16)]],
  },
  {
    tab: "add",
    block: "desk",
    seconds: 18,
    words: () =>
      sayAll(
        say("The same way back would make a digit out of noise."),
        say("For that one has to know which part of the picture is noise."),
      ),
    acts: [[2, (on) => on.sweep("desk", 1, 0.3, 10)]],
  },
  {
    tab: "guess",
    block: "guess",
    seconds: 30,
    words: () =>
      sayAll(
        say("That is what the network learns: it sees the noisy picture and t, and guesses the noise."),
        say("Where nearly all is noise the guess is easiest, and the picture that it implies is worst."),
      ),
    acts: [
      [4, (on) => on.uncover("guess", "open")],
      [6, (on) => on.sweep("guess", 0.1, 1, 16)],
    ],
  },
  {
    tab: "remove",
    block: "film",
    seconds: 34,
    words: () =>
      sayAll(
        say("Now back from pure noise: guess the noise, remove a little of it, and again."),
        say("Watch x̂₀, what the network expects: it settles long before xₜ can be read."),
      ),
    acts: [[5, (on) => on.replay("film")]],
  },
  {
    tab: "remove",
    block: "fork",
    player: "film",
    seconds: 22,
    words: () =>
      sayAll(
        say("Six futures of one and the same picture, each with fresh noise of its own."),
        say("Early steps decide which digit it becomes."),
      ),
    acts: [
      [0, (on) => on.sweep("film", 0.25, 0.25, 0)],
      [1, (on) => on.ask("film", "fork")],
      [12, (on) => on.replay("fork")],
    ],
  },
  {
    tab: "leap",
    block: "leaps",
    seconds: 28,
    words: () =>
      sayAll(
        say("Why so many steps? A single leap ends in the average of all that the noise could become."),
        say("That is a blur; many small steps end in one digit."),
      ),
    acts: [[10, (on) => on.replay("leaps")]],
  },
  {
    tab: "train",
    block: "lab",
    seconds: 22,
    words: () =>
      sayAll(
        say("Here you train such a network yourself, from random numbers to digits in about a minute."),
        say("After the tour press Start, and bet first: after how many seconds can you read its digits?"),
      ),
    acts: [],
  },
];

/**
 * @param {{ part: (name: string) => any }} widget of the lesson bar
 * @param {{ openTab: (tab: string) => void, tab: () => string | null, remember: () => () => void }} page openTab: as it
 *   is there, with nothing changed; remember: where the page is, as the way back to it
 */
export function createTour({ part }, { openTab, tab, remember }) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let at = -1, // the step; -1: no tour
    elapsed = 0,
    waited = 0,
    done = 0, // acts of this step
    paused = false;
  let clock = null,
    back = () => {},
    sweeping = null,
    uncovered = null; // what is to be asked for again
  /** @type {Map<string, string>} where the players stood, by block */
  const stood = new Map();

  const rootOf = (block) => document.getElementById(block)?.querySelector("[data-widget]");
  /** @type {(block: string) => HTMLInputElement | null | undefined} */
  const scrubOf = (block) => rootOf(block)?.querySelector("[data-part=scrub]");

  /** Whether a step's block can be seen, and its player moved. */
  function isThere({ block, acts, player = block }) {
    const root = rootOf(block);
    return root?.matches("[data-mounted]") && root.checkVisibility() && !(acts.length && scrubOf(player)?.disabled);
  }

  function seek(block, share) {
    const scrub = scrubOf(block);
    if (!scrub) return;
    if (!stood.has(block)) stood.set(block, scrub.value);
    ask(rootOf(block), "seek", Math.round(share * Number(scrub.max)));
  }

  /** @type {Hands} */
  const hands = {
    sweep(block, from, to, seconds) {
      sweeping = null;
      seek(block, still.matches ? to : from);
      if (!still.matches && seconds) sweeping = { block, from, to, since: elapsed, seconds };
    },
    replay(block) {
      if (still.matches) return;
      ask(rootOf(block), "start");
      ask(rootOf(block), "toggle");
    },
    ask: (block, what) => ask(rootOf(block), what),
    uncover(block, what) {
      uncovered = () => ask(rootOf(block), what);
      uncovered();
    },
  };

  /** Brings a block into sight, or none. */
  function point(block) {
    for (const marked of document.querySelectorAll("[data-tour]")) marked.removeAttribute("data-tour");
    const place = document.getElementById(block);
    if (!place) return;
    place.dataset.tour = "shown";
    place.scrollIntoView({ block: "start", behavior: still.matches ? "auto" : "smooth" });
  }

  // ---- its clock ----

  function tick() {
    const step = STEPS[at];
    if (!isThere(step) && waited < PATIENCE_S) {
      waited += TICK_MS / 1000;
      return;
    }
    if (done < 0) {
      point(step.block);
      done = 0;
    }
    while (done < step.acts.length && (still.matches || elapsed >= step.acts[done][0])) step.acts[done++][1](hands);
    if (paused) return;
    elapsed += TICK_MS / 1000;
    if (sweeping) {
      const { block, from, to, since, seconds } = sweeping;
      const passed = Math.min(1, (elapsed - since) / seconds);
      seek(block, from + (to - from) * passed);
      if (passed === 1) sweeping = null;
    }
    part("tour-fill").style.width = `${Math.min(100, (100 * elapsed) / step.seconds)}%`;
    if (elapsed >= step.seconds) go(at + 1);
  }

  function endStep() {
    sweeping = null;
    uncovered?.();
    uncovered = null;
  }

  function go(to) {
    endStep();
    if (to >= STEPS.length) return leave();
    at = Math.max(0, to);
    elapsed = waited = 0;
    done = -1;
    const { tab: wanted, words } = STEPS[at];
    if (tab() !== wanted) openTab(wanted);
    part("tour-words").textContent = words();
    part("tour-number").textContent = `${at + 1} / ${STEPS.length}`;
    part("tour-before").disabled = at === 0;
    part("tour-next").textContent = at + 1 < STEPS.length ? say("Next") : say("End");
    part("tour-fill").style.width = "0";
    return undefined;
  }

  function pause(on) {
    paused = on;
    part("tour-pause").textContent = on ? say("Go on") : say("Pause");
  }

  function begin() {
    if (at >= 0) return;
    back = remember();
    stood.clear();
    part("tour").hidden = false;
    pause(still.matches); // who asks for stillness turns the pages
    go(0);
    part("tour-next").focus();
    clock = setInterval(tick, TICK_MS);
  }

  function leave() {
    if (at < 0) return;
    endStep();
    clearInterval(clock);
    at = -1;
    part("tour").hidden = true;
    point("");
    for (const [block, value] of stood) ask(rootOf(block), "seek", Number(value));
    back();
  }

  part("tour-begin").addEventListener("click", begin);
  part("tour-leave").addEventListener("click", leave);
  part("tour-next").addEventListener("click", () => go(at + 1));
  part("tour-before").addEventListener("click", () => go(at - 1));
  part("tour-pause").addEventListener("click", () => pause(!paused));
  document.addEventListener("keydown", (event) => {
    if (at >= 0 && event.key === "Escape") leave();
  });
  // whoever does something on the page is not to be disturbed
  document.addEventListener("pointerdown", ({ target }) => {
    if (at >= 0 && target instanceof Element && !part("tour").contains(target)) pause(true);
  });
}

// A poll: how it is answered, and what came of it. The same on the leader's page, whose answer is the truth.

import { say, sayAll } from "./languages.js";

/** @import { PollResult, QuestionEntry } from "./payload_types.js" */

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const isScale = (question) => question.low !== undefined;
const named = (question, value) =>
  isScale(question) ? String(Number(value.toFixed(2))) : say(question.options[value]);

/**
 * The controls that answer a question, in `place`; returns what sets them.
 * @param {HTMLElement} place
 * @param {QuestionEntry} question
 * @param {string} id begins the controls' names
 * @param {number | null} first what is chosen at first
 * @param {(value: number) => void} chosen is called at each change
 * @returns {(value: number) => void}
 */
export function layOutAnswer(place, question, id, first, chosen) {
  if (isScale(question)) {
    const middle = (question.low + question.high) / 2;
    const shown = make("output", { textContent: named(question, first ?? middle) });
    const slider = make("input", { type: "range", id, min: question.low, max: question.high, step: question.step });
    slider.value = first ?? middle;
    slider.setAttribute("aria-label", `${say(question.text)} ${say(question.unit)}`);
    slider.addEventListener("input", () => {
      shown.textContent = named(question, Number(slider.value));
      chosen(Number(slider.value));
    });
    place.replaceChildren(make("span", { textContent: say(question.unit) }), slider, shown);
    place.removeAttribute("role");
    place.removeAttribute("aria-label");
    return (value) => {
      slider.value = value;
      shown.textContent = named(question, Number(slider.value));
    };
  }
  const choices = question.options.map((_, value) => {
    const choice = make("input", { type: "radio", name: id, value, checked: value === first });
    choice.addEventListener("change", () => chosen(value));
    return choice;
  });
  place.replaceChildren(...choices.map((choice, k) => make("label", {}, choice, ` ${say(question.options[k])}`)));
  place.setAttribute("role", "radiogroup");
  place.setAttribute("aria-label", say(question.text));
  return (value) => (choices[value].checked = true);
}

/** A truth as an answer to this question: the nearest one that there is. */
export const asAnswer = (/** @type {QuestionEntry} */ question, /** @type {number} */ truth) =>
  isScale(question) ? Math.min(Math.max(truth, question.low), question.high) : truth;

/** How a class has answered, in words. */
export function inWords(/** @type {QuestionEntry} */ question, /** @type {PollResult} */ result) {
  const answers = result.counts.reduce((sum, count) => sum + count, 0);
  if (!answers) return say("Nobody has answered.");
  const [low, middle, high] = result.middle.map((value) => named(question, value));
  const spread =
    middle !== undefined
      ? say("Of {0} answers half lie between {1} and {2}; the one in the middle is {3}.", answers, low, high, middle)
      : say("{0} have answered.", answers);
  const each = isScale(question) ? [] : result.counts.map((count, number) => `${named(question, number)}: ${count}`);
  const choices = each.length ? say("{0}.", each.join(", ")) : "";
  if (result.truth === null) return sayAll(spread, choices);
  const truth = isScale(question)
    ? say("The truth: {0}; {1} of {2} were near.", named(question, result.truth), result.near, answers)
    : say("The truth: {0}; {1} of {2} said so.", named(question, result.truth), result.near, answers);
  return sayAll(spread, choices, truth, question.about);
}

/**
 * The histogram, in `place`; what it says stands in the sentence beside it.
 * @param {HTMLElement} place
 * @param {QuestionEntry} question
 * @param {PollResult} result
 */
export function drawBars(place, question, result) {
  const most = Math.max(1, ...result.counts);
  const bars = result.counts.map((count, number) => {
    const right = !isScale(question) && result.truth === number;
    const bar = make("div", { className: right ? "bar right" : "bar" });
    bar.style.setProperty("--height", `${(100 * count) / most}%`);
    bar.append(make("b", { textContent: count || "" }), make("i"));
    bar.append(make("span", { textContent: isScale(question) ? "" : (right ? "✓ " : "") + named(question, number) }));
    return bar;
  });
  place.replaceChildren(...bars);
  place.classList.toggle("scale", isScale(question));
  if (!isScale(question)) return;
  const ends = make("div", { className: "ends" });
  ends.append(
    make("span", { textContent: named(question, question.low) }),
    make("span", { textContent: say(question.unit) }),
    make("span", { textContent: named(question, question.high) }),
  );
  place.append(ends);
  if (result.truth === null) return;
  const mark = make("div", { className: "truth", title: say("the truth") });
  const share = (result.truth - question.low) / (question.high - question.low);
  mark.append(make("b", { textContent: `✓ ${named(question, result.truth)}` }));
  if (share > 0.5) mark.classList.add("late"); // its number stands on the side where there is room
  mark.style.left = `${100 * Math.min(Math.max(share, 0), 1)}%`;
  place.append(mark);
}

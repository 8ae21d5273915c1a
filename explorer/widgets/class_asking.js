// A class's question on this page: open, answered, revealed. The leader's page reads the truth from what it shows.

import { asAnswer, drawBars, inWords, layOutAnswer } from "./class_poll.js";
import { say } from "./languages.js";
import { truthOf } from "./truths.js";

/** @import { ClassReport, QuestionEntry } from "./payload_types.js" */

/**
 * @param {{
 *   root: HTMLElement,
 *   part: (name: string) => any,
 *   questionOf: (id: string | null) => QuestionEntry | undefined,
 *   call: (name: string, body?: object) => Promise<boolean>,
 *   board: { shown: string, show: (what: "" | "poll") => void },
 * }} room
 */
export function createAsking({ root, part, questionOf, call, board }) {
  let laidOut = ""; // the round, and what of it stands on the screen
  /** @type {QuestionEntry | undefined} */
  let open; // to be answered
  let round = 0;
  let leads = false;
  let answer = null; // what is chosen, and not sent yet
  /** @type {(value: number) => void} */
  let setAnswer = () => {};
  let byHand = false; // whether the leader has set the truth

  function layOut(/** @type {QuestionEntry} */ question, /** @type {ClassReport} */ { result }) {
    part("asked").textContent = say(question.text);
    part("answered").textContent = part("outcome").textContent = "";
    part("bars").hidden = !result;
    part("answer").hidden = Boolean(result);
    part("truth-row").hidden = !leads || Boolean(result);
    part("vote").hidden = leads || Boolean(result);
    root.dataset.poll = result ? "shown" : "open";
    if (result) {
      drawBars(part("bars"), question, result);
      part("outcome").textContent = inWords(question, result);
      if (leads) board.show("poll");
      return;
    }
    byHand = false;
    answer = question.low === undefined ? null : (question.low + question.high) / 2;
    setAnswer = layOutAnswer(part("answer"), question, "class-answer", null, (value) => {
      answer = value;
      byHand = true;
      if (leads) part("truth-known").checked = true;
    });
    readTruth();
  }

  /** The truth as the page shows it now, unless the leader has set it. */
  function readTruth() {
    if (!leads || !open || byHand) return;
    const found = truthOf(open.id) ?? open.truth;
    part("truth-known").checked = found !== null;
    if (found === null) return;
    answer = asAnswer(open, found);
    setAnswer(answer);
  }

  part("truth-known").addEventListener("change", () => (byHand = true));
  part("vote").addEventListener("click", async () => {
    if (answer === null) part("answered").textContent = say("Choose an answer first.");
    else if (await call("vote", { round, answer }))
      part("answered").textContent = say("Answered. Until it is revealed you may change it.");
  });

  return {
    readTruth,

    /** Another class, or none. */
    forget() {
      laidOut = "";
      open = undefined;
    },

    /** The leader shows what came of it. */
    reveal() {
      readTruth();
      return call("reveal", { truth: part("truth-known").checked ? answer : null });
    },

    /**
     * What was heard of it.
     * @param {ClassReport} heard of a member's page only what ClassNews has
     * @param {boolean} isLeader
     */
    show(heard, isLeader) {
      const question = questionOf(heard.question);
      leads = isLeader;
      round = heard.round;
      open = heard.result ? undefined : question;
      part("poll").hidden = !question;
      part("reveal").hidden = !leads || !open;
      part("put-away").hidden = !leads || !question;
      if (!question) {
        laidOut = "";
        if (board.shown === "poll") board.show("");
        return;
      }
      const state = `${round} ${Boolean(heard.result)}`;
      if (state !== laidOut) layOut(question, heard);
      laidOut = state;
      if (leads && open) part("answered").textContent = say("{0} of {1} have answered", heard.answered, heard.members);
    },
  };
}

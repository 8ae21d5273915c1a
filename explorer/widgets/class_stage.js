// The class on the stage: a board over the scene, with the code to join by, what came of a poll, or the drawings.
// Which it is stands in data-board; stage.css lays it out.

import { offer } from "./keys.js";
import { say } from "./languages.js";

/** Its widget. @returns {HTMLElement | null} */
export const classroom = () => document.querySelector("#classroom [data-widget]");

/**
 * The class's keys on the stage.
 * @param {(what: string) => void} ask of its widget
 * @returns {[string, string, () => void][]} the key, what it does in words, and that
 */
export const classKeys = (ask) => [
  ["j", say("Class"), () => ask("class_board")],
  ["q", say("Ask the class, reveal, put away"), () => ask("class_poll")],
  ["w", say("Bring all to my view"), () => ask("class_follow")],
  ["u", say("The class's drawings"), () => ask("class_wall")],
];

/** @typedef {"" | "class" | "poll" | "wall"} Shown */

/**
 * @param {HTMLElement} root
 * @param {(name: string) => any} part
 * @param {(on: boolean) => void} open opens or closes the panel on the page as it is
 */
export function createBoard(root, part, open) {
  const onStage = () => document.documentElement.classList.contains("presenting");
  const board = {
    /** @type {Shown} */
    shown: "",

    /** @param {Shown} what */
    show(what) {
      board.shown = root.dataset.board = onStage() ? what : "";
      if (!board.shown) return;
      open(true);
      part("panel").focus({ preventScroll: true });
    },

    /** A line under the question on the stage. @param {string} line */
    tell: (line) => document.dispatchEvent(new CustomEvent("explorer:class", { detail: { line } })),
  };
  root.dataset.board = "";
  offer(root, {
    class_board: () => board.show(board.shown === "class" ? "" : "class"),
    class_away: () => board.show(""),
  });
  return board;
}

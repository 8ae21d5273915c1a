// The worksheet: the lessons' questions with room to answer, and the picture on screen, on paper. It is a part of the
// page that only a printer sees (see worksheet.css).

import { say } from "./languages.js";

/** @import { LessonBarValue } from "./payload_types.js" */

const LINES = 4; // to answer on

const make = (tag, text, name = "") => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
};

function room() {
  const made = make("div", "", "room");
  made.append(...Array.from({ length: LINES }, () => make("div", "")));
  return made;
}

/**
 * @param {LessonBarValue} bar
 * @param {{ only: string, answers: boolean, picture: HTMLCanvasElement | null }} wanted only: the id of one lesson, ""
 *   for all; answers: what to look for, for the teacher, in place of room to answer
 */
export function worksheet(bar, { only, answers, picture }) {
  const sheet = make("section", "", "worksheet"),
    list = make("ol", "");
  sheet.append(make("h1", answers ? say("DDPM Explorer: what to look for") : say("DDPM Explorer: worksheet")));
  if (picture) {
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", say("The picture on screen"));
    sheet.append(picture);
  }
  bar.lessons.forEach((lesson, i) => {
    if (only && lesson.id !== only) return;
    const item = make("li", "");
    item.value = i + 1;
    item.append(make("h2", say(lesson.title)), make("p", say(lesson.question)));
    item.append(answers ? make("p", say(lesson.look_for), "answer") : room());
    list.append(item);
  });
  sheet.append(list);
  return sheet;
}

/** Print it, and nothing else of the page. */
export function printSheet(sheet) {
  document.querySelector("body > .worksheet")?.remove();
  document.body.append(sheet);
  window.addEventListener("afterprint", () => sheet.remove(), { once: true });
  window.print();
}

// What the page says over itself, without moving anything: one line about its connection, which comes and goes, and
// sentences that stay until they have been read; one above the other.

import { ready, say } from "./languages.js";

let line = null;

function put(notice) {
  const found = document.querySelector(".explorer-notices");
  const place = found ?? Object.assign(document.createElement("div"), { className: "explorer-notices" });
  if (!found) document.body.append(place);
  place.append(notice);
}

/** Say this, a text without values; nothing takes the line away. */
export function tell(text) {
  if (!line) {
    line = document.createElement("p");
    line.className = "explorer-notice";
    line.setAttribute("role", "status");
  }
  if (!line.isConnected) put(line);
  line.textContent = say(text);
  line.hidden = !text;
}

/** Say these sentences until the viewer has read them. */
export async function tellOnce(sentences) {
  await ready; // it may be the first thing that the page says
  const box = document.createElement("div"),
    text = document.createElement("div"),
    close = document.createElement("button");
  box.className = "explorer-notice";
  box.setAttribute("role", "alert");
  close.textContent = "✕";
  close.type = "button";
  close.setAttribute("aria-label", say("Close"));
  close.addEventListener("click", () => box.remove());
  text.append(
    ...sentences.map((sentence) => Object.assign(document.createElement("p"), { textContent: say(sentence) })),
  );
  box.append(text, close);
  put(box);
}

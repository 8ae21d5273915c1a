// One line over the page about its connection, which comes and goes without moving anything.

import { ready, say } from "./languages.js";

let line = null;

/** Say this, a text without values; nothing takes the line away. */
export function tell(text) {
  if (!line) {
    line = document.createElement("p");
    line.className = "explorer-notice";
    line.setAttribute("role", "status");
  }
  if (!line.isConnected) document.body.append(line);
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
  document.body.append(box);
}

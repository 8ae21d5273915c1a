// Take this page along: the server writes the page as one file, and the browser saves it.

import { say } from "./languages.js";

const ASK_MS = 1500;
const FOLDER = new URL("../../explorer-file/", import.meta.url); // beside the folder of the modules

const later = () => new Promise((done) => setTimeout(done, ASK_MS));

/** How large the file is, once it has been written. Rejected with a sentence where it cannot be had. */
async function written() {
  for (;;) {
    const answer = await fetch(new URL("state", FOLDER));
    if (!answer.ok) throw new Error();
    const { bytes, problem } = await answer.json();
    if (problem) throw Object.assign(new Error(), { told: problem });
    if (bytes) return bytes;
    await later();
  }
}

function save() {
  const link = document.createElement("a");
  link.href = new URL("explorer.html", FOLDER).href;
  link.download = "explorer.html";
  link.click();
}

/**
 * @param {HTMLButtonElement} button
 * @param {(sentence: any) => void} tell
 */
export function offerFile(button, tell) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    tell(say("The page is being written as one file: where nobody has asked before, that takes up to a minute."));
    try {
      const bytes = await written();
      save();
      tell(
        say(
          "Your browser saves explorer.html, {0} MB: it opens by a double click, without a network.",
          (bytes / 1e6).toFixed(1),
        ),
      );
    } catch (error) {
      tell(say(error.told ?? "The file could not be had from the server."));
    }
    button.disabled = false;
  });
}

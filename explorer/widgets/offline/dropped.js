// Files that are dropped or pasted. A browser opens a dropped one in place of the page, and what was done is lost.

import { say } from "../languages.js";
import { tellMissing } from "./events.js";
import { trace } from "./tracing.js";

const EDITABLE = "input, textarea, [contenteditable]";

const isPicture = ({ type }) => type.startsWith("image/");

/** @param {FileList | undefined} files */
function take(files) {
  if (!files?.length) return;
  const picture = document.querySelector(".pad") && [...files].find(isPicture); // some lessons have no pad
  if (picture) trace(picture);
  else tellMissing(say("A file that is dropped here is not read."));
}

/** @param {DragEvent} event */
function keepPage(event) {
  const files = event.dataTransfer?.types.includes("Files");
  if (!files && /** @type {Element} */ (event.target).closest?.(EDITABLE)) return; // a text may be dropped there
  event.preventDefault();
  if (event.type === "drop") take(event.dataTransfer?.files);
}

/** From now on a dropped file, or link, leaves the page where it is; a picture can be drawn over. */
export function heedFiles() {
  for (const type of ["dragover", "drop"]) document.addEventListener(type, keepPage);
  document.addEventListener("paste", ({ clipboardData }) => take(clipboardData?.files));
}

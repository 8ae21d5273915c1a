// What lies in the file, unpacked. It is there twice: in the first script of the page, which opens it, and in what that
// script opens.

import { bytesOfLetters } from "./letters.js";

/** The content of the file of this name as bytes; undefined where there is none. @param {string} name */
export async function unpacked(name) {
  const element = /** @type {HTMLElement | null} */ (document.querySelector(`[data-file="${CSS.escape(name)}"]`));
  if (!element) return undefined;
  const packed = bytesOfLetters(element.textContent, Number(element.dataset.bytes));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @param {string} name */
export const unpackedText = async (name) => new TextDecoder().decode(await unpacked(name));

/** Whatever hinders the page is told where it would stand. @param {any} error */
export function giveUp(error) {
  document.getElementById("page").textContent = `This browser is too old for this page: ${error.message}`;
  throw error;
}

/**
 * The page: its styles at once, and when all of the file has been read, its script.
 *
 * @param {string} style
 * @param {string} script
 */
export async function openPage(style, script) {
  const all = new Promise((read) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", read);
    else read(null);
  });
  try {
    const styles = document.createElement("style");
    styles.textContent = await unpackedText(style);
    document.head.append(styles);
    const page = Object.assign(document.createElement("script"), { type: "module" });
    page.textContent = await unpackedText(script);
    await all;
    document.body.append(page);
  } catch (error) {
    giveUp(error);
  }
}

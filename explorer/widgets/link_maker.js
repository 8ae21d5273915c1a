// Make a link: what students find, what they may change, and how they get there: an address, a QR code, a frame.

import { classroom } from "./class_stage.js";
import { addressFor } from "./embedding.js";
import { language, say } from "./languages.js";

/** @import { LessonBarValue, QrCode } from "./payload_types.js" */

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4; // modules around a QR code, as its standard wants
const SETTLE_MS = 250;

/**
 * @param {{ part: (name: string) => any }} widget of the lesson bar
 * @param {{ bar: () => LessonBarValue, tab: () => string, query: (changes: Record<string, string>) => string,
 *   qr: (question: { text: string }) => Promise<QrCode>, copy: (text: string, said: any) => void }} page
 */
export function createLinkMaker({ part }, { bar, tab, query, qr, copy }) {
  let waiting = null,
    asked = 0;

  const box = (name, what, words) => {
    const input = document.createElement("input");
    input.type = "checkbox";
    input.dataset.what = what;
    input.value = name;
    input.setAttribute("aria-label", words);
    return input;
  };

  function rows() {
    return bar().controls[tab()].map(({ name, label }) => {
      const row = document.createElement("tr"),
        head = document.createElement("th");
      head.scope = "row";
      head.textContent = say(label);
      const cells = [
        ["hide", say("Hide: {0}", say(label))],
        ["lock", say("Lock: {0}", say(label))],
      ].map(([what, words]) => {
        const cell = document.createElement("td");
        cell.append(box(name, what, words));
        return cell;
      });
      row.append(head, ...cells);
      return row;
    });
  }

  const chosen = (what) =>
    [...part("maker-controls").querySelectorAll(`[data-what=${what}]:checked`)].map((input) => input.value).join(",");

  /** @param {string} svgLabel @param {string[]} modules */
  function draw(svgLabel, modules) {
    const side = modules.length + 2 * QUIET,
      svg = document.createElementNS(SVG, "svg"),
      ground = document.createElementNS(SVG, "rect"),
      dark = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", svgLabel);
    for (const name of ["width", "height"]) ground.setAttribute(name, String(side));
    ground.setAttribute("fill", "white");
    dark.setAttribute(
      "d",
      modules
        .flatMap((row, y) => [...row].map((bit, x) => (bit === "1" ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")))
        .join(""),
    );
    dark.setAttribute("fill", "black");
    svg.append(ground, dark);
    part("maker-qr").replaceChildren(svg);
  }

  async function refresh() {
    const code = part("maker-class").checked ? classroom()?.dataset.code : "";
    const changes = { hide: chosen("hide"), lock: chosen("lock"), lang: part("maker-language").value, class: code };
    const { address, outer } = addressFor(
      query({ ...changes, present: part("maker-stage").checked ? "1" : "" }),
      bar().space,
    );
    part("maker-link").value = address;
    const source = address.replaceAll("&", "&amp;");
    part("maker-frame").value =
      `<iframe src="${source}" width="100%" height="900" style="border:0" ` +
      `allow="clipboard-write; fullscreen"></iframe>`;
    part("maker-told").textContent = outer
      ? ""
      : say("The page around this one does not say its address: this link opens the page alone.");
    const number = ++asked;
    const answer = await qr({ text: address }).catch(() => ({
      rows: [],
      problem: say("The server does not answer at the moment."),
    }));
    if (number !== asked) return; // something else was chosen meanwhile
    if (answer.rows.length) draw(say("QR code of the link"), answer.rows);
    else part("maker-qr").replaceChildren(say(answer.problem ?? ""));
  }

  function changed() {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, SETTLE_MS);
  }

  part("maker").addEventListener("change", changed);
  part("maker-copy").addEventListener("click", () => copy(part("maker-link").value, "maker-told"));
  part("maker-close").addEventListener("click", () => part("maker").close());

  /** Open it, for the view on screen. */
  return function open() {
    part("maker-controls").replaceChildren(...rows());
    const [own] = part("maker-language").options;
    const offered = Object.entries(bar().languages).map(([code, name]) => new Option(name, code));
    part("maker-language").replaceChildren(own, ...offered);
    part("maker-language").value = language === "en" ? "" : language;
    const code = classroom()?.dataset.code;
    part("maker-class-row").hidden = !code;
    part("maker-class").checked = Boolean(code);
    part("maker-class-code").textContent = code ? say("Join the class {0}", code) : "";
    part("maker").showModal();
    refresh();
  };
}

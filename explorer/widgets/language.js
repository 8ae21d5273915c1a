// The language switch. Besides, it says in the chosen language what Gradio has written on the page and what stands in
// the widgets' fixed HTML: whole texts without values. Whatever has values is said where it is made, by languages.js.
// And it has the formulas of all texts typeset, in every language.

import { query, reloadAs } from "./address.js";
import { STORED, language, texts } from "./languages.js";
import { remember } from "./storage.js";
import { forget, typeset } from "./typeset.js";
import { equip } from "./widget.js";

// What Gradio makes of a control's label, and of a place in its queue.
const MADE = ["number input for {0}", "range slider for {0}", "queue: {0}/{1} |"].map((text) => ({
  text,
  pattern: new RegExp(`^${text.replace("|", "\\|").replace(/\{\d\}/g, "(.+)")}$`),
}));
const ATTRIBUTES = ["aria-label", "aria-roledescription", "placeholder", "title", "alt", "data-original-title"];
const SILENT = "script, style, textarea, [data-part=choice]";

/** @import { LanguageValue } from "./payload_types.js" */

export function mount({ element, props }) {
  const { part, root } = equip(element);
  /** @type {LanguageValue} */
  const { names } = props.value;

  const fixed = new Map(Object.entries(texts()));

  /** The translation of what Gradio has put together, whatever stands in it; undefined for all else. */
  function ofMade(core) {
    const made = MADE.find(({ pattern }) => pattern.test(core));
    if (!made || !fixed.has(made.text)) return undefined;
    const values = made.pattern.exec(core).slice(1);
    return fixed.get(made.text).replace(/\{(\d)\}/g, (_, place) => fixed.get(values[place]) ?? values[place]);
  }

  /** The translation of a whole text, its outer spaces kept; undefined if there is none. */
  function translation(text) {
    if (!fixed.size) return undefined; // English is what the page is written in
    const core = text.trim();
    const said = fixed.get(core) ?? fixed.get(core.split(/\s+/).join(" ")) ?? ofMade(core);
    return said === undefined ? said : text.replace(core, () => said);
  }

  function sayNode(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.parentElement?.closest(SILENT)) return;
      const said = translation(node.data);
      if (said !== undefined && said !== node.data) node.data = said;
      typeset(node);
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      for (const name of ATTRIBUTES) sayAttribute(node, name);
      for (const child of node.childNodes) sayNode(child);
    }
  }

  function sayAttribute(element, name) {
    const text = element.getAttribute(name),
      said = text && translation(text);
    if (said && said !== text) element.setAttribute(name, said);
  }

  function sayPage() {
    sayNode(document.body);
    new MutationObserver((changes) => {
      for (const { type, target, attributeName, addedNodes, removedNodes } of changes) {
        if (type === "attributes") sayAttribute(target, attributeName);
        else if (type === "characterData") sayNode(target);
        else {
          addedNodes.forEach(sayNode);
          removedNodes.forEach(forget);
        }
      }
    }).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      ...(fixed.size ? { attributes: true, attributeFilter: ATTRIBUTES } : {}),
    });
  }

  part("choice").replaceChildren(...Object.entries(names).map(([code, name]) => new Option(name, code)));
  part("choice").value = language;
  part("choice").addEventListener("change", () => {
    const code = part("choice").value;
    const params = new URLSearchParams(query());
    if (remember(STORED, code)) params.delete("lang");
    else params.set("lang", code); // where nothing may be remembered, the address says it
    reloadAs(String(params));
  });
  document.documentElement.lang = language;
  sayPage();
  Object.assign(root.dataset, { language, spoken: fixed.size ? language : "" });
}

// The language switch: says everything on the page in the chosen language, and whatever appears on it later.

import { speakBy } from "./speech.js";
import { recall, remember } from "./storage.js";
import { createTranslator } from "./translate.js";
import { equip } from "./widget.js";

export function mount({ element, props, server }) {
  const { part, root } = equip(element);

  const STORED = "ddpm-explorer-language";
  const ATTRIBUTES = ["aria-label", "placeholder", "title", "alt", "aria-valuetext"];
  const SILENT = "script, style, textarea, code[data-verbatim], [data-part=choice]";
  const { names } = props.value;

  function choice() {
    const offered = (code) => (code in names ? code : null);
    const wanted = [
      new URLSearchParams(location.search).get("lang"),
      recall(STORED),
      ...navigator.languages.map((tag) => tag.split("-")[0]),
    ];
    return wanted.map(offered).find(Boolean) ?? Object.keys(names)[0];
  }

  function say(node, translate) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.parentElement?.closest(SILENT)) return;
      const said = translate(node.data);
      if (said !== null && said !== node.data) node.data = said;
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      for (const name of ATTRIBUTES) sayAttribute(node, name, translate);
      for (const child of node.childNodes) say(child, translate);
    }
  }

  function sayAttribute(element, name, translate) {
    const text = element.getAttribute(name),
      said = text && translate(text);
    if (said && said !== text) element.setAttribute(name, said);
  }

  async function speak(code) {
    document.documentElement.lang = code;
    root.dataset.language = code;
    if (code === Object.keys(names)[0]) return; // what the page speaks by itself
    const translate = createTranslator(await server.dictionary(code));
    speakBy((text) => translate(text) ?? text); // for what is drawn on canvases
    say(document.body, translate);
    new MutationObserver((changes) => {
      for (const { type, target, attributeName, addedNodes } of changes) {
        if (type === "attributes") sayAttribute(target, attributeName, translate);
        else if (type === "characterData") say(target, translate);
        else addedNodes.forEach((node) => say(node, translate));
      }
    }).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ATTRIBUTES,
    });
    window.dispatchEvent(new Event("resize")); // what is drawn on canvases is drawn again
    root.dataset.spoken = code;
  }

  part("choice").replaceChildren(...Object.entries(names).map(([code, name]) => new Option(name, code)));
  part("choice").value = choice();
  part("choice").addEventListener("change", () => {
    const code = part("choice").value;
    const params = new URLSearchParams(location.search);
    if (remember(STORED, code)) params.delete("lang");
    else params.set("lang", code); // where nothing may be remembered, the address says it
    // either loads the page anew; an address that stays the same would not
    if (String(params) === location.search.slice(1)) location.reload();
    else location.search = String(params);
  });
  speak(choice());
}

// What a link shows, as explorer/page/links.py reads it and explorer/page/tab_part.py shows it.

import { restoreAdding } from "./adding.js";
import { restoreChooser } from "./choosing.js";
import { Changed } from "./events.js";
import { facts } from "./facts.js";
import { restoreLeaping } from "./leaping.js";
import { restoreRemoving } from "./removing.js";

/** @import { Asked } from "./events.js" */

const told = (text, ...values) => ({ text, values });
export const asText = (value) => (Array.isArray(value) ? value.join(",") : String(value));

/** A setting's value from a link's text; undefined for what it cannot be. */
export function checked({ kind, low, high, options }, text) {
  const number = text.trim() === "" ? NaN : Number(text);
  if (kind === "Choice") return options.find((option) => String(option) === text);
  if (kind === "Subset") {
    const given = text.split(",").map(Number);
    return given.every((each) => options.includes(each)) ? options.filter((each) => given.includes(each)) : undefined;
  }
  const fits = Number.isFinite(number) && low <= number && number <= high;
  return fits && (kind === "Real" || Number.isInteger(number)) ? number : undefined;
}

/** The view of a link's names and values, and a sentence for each thing in it that cannot be. */
export function parseLink(query) {
  const { tabs, parts, longest, texts } = facts.links;
  const problems = [];
  const first = Object.keys(tabs)[0];
  if (Object.entries(query).reduce((sum, [name, value]) => sum + name.length + value.length, 0) > longest)
    return { view: { tab: first, values: {}, hide: [], lock: [], lesson: "", present: "" }, problems: [texts.long] };
  let tab = query.tab ?? first;
  if (!(tab in tabs)) {
    problems.push(told(texts.tab, `'${tab.slice(0, 20)}'`, Object.keys(tabs).join(", ")));
    tab = first;
  }
  const known = tabs[tab];
  const values = {};
  for (const [name, rule] of Object.entries(known)) {
    if (!(name in query)) continue;
    const value = checked(rule, query[name]);
    if (value === undefined) problems.push(told(texts.value, rule.name, rule.allowed, `'${query[name].slice(0, 38)}'`));
    else if (asText(value) !== asText(rule.default)) values[name] = value;
  }
  const named = (what) => [...new Set((query[what] ?? "").split(",").filter(Boolean))];
  const kept = (what) =>
    named(what).filter((name) => {
      const there = name in known || parts.includes(name);
      if (!there) problems.push(told(texts.control, `'${name.slice(0, 20)}'`));
      return there;
    });
  const view = { tab, values, hide: kept("hide"), lock: kept("lock"), lesson: (query.lesson ?? "").slice(0, 40) };
  return { view: { ...view, present: query.present ?? "" }, problems };
}

const RESTORE = {
  add: async (values) => {
    const chosen = await restoreChooser("forward", values);
    return { ...chosen, ...restoreAdding(chosen["forward-picture"], values) };
  },
  guess: async (values) => ({ ...(await restoreChooser("guess", values)), "guess-start": values.t }),
  remove: restoreRemoving,
  leap: restoreLeaping,
  train: ({ map }) => ({ "lab-map": { ...facts.maps.train, view: map } }),
};

/** @param {Asked} asked */
async function openLink({ value, event }) {
  const { view, problems } = parseLink(event.query ?? {});
  const usual = Object.fromEntries(
    Object.entries(facts.links.tabs[view.tab]).map(([name, rule]) => [name, rule.default]),
  );
  const all = { ...usual, ...view.values };
  const shown = event.whole ? all : view.values;
  const scenes = value("lesson-bar")
    .scenes.filter(({ tab }) => tab === view.tab)
    .map(({ id }) => id);
  const present = view.present === facts.links.first_scene || scenes.includes(view.present) ? view.present : "";
  // of a value that nobody chose, the text that the bar has for it
  const textOf = (name) =>
    name in view.values ? asText(view.values[name]) : value("lesson-bar").defaults[view.tab][name];
  const changes = {
    "lesson-bar": {
      ...value("lesson-bar"),
      view: {
        tab: view.tab,
        values: Object.fromEntries(Object.keys(shown).map((name) => [name, textOf(name)])),
        hide: view.hide.join(","),
        lock: view.lock.join(","),
        lesson: view.lesson,
        present,
      },
      opening: event.opening ?? 0,
      problems,
    },
  };
  for (const [name, { component, form }] of Object.entries(facts.links.controls[view.tab])) {
    const props = {};
    if (name in shown && form) props.value = shown[name];
    if (view.hide.includes(name)) props.visible = false;
    if (view.lock.includes(name)) props.interactive = false;
    if (Object.keys(props).length) changes[component] = new Changed(props);
  }
  return Object.keys(shown).length ? { ...changes, ...(await RESTORE[view.tab](all)) } : changes;
}

export const LINKING = { "build.opening.open_link": openLink };

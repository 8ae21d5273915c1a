// The lesson bar. The other widgets and the controls tell by events what they show; the address follows without a
// reload, and nothing is sent to the server.

import { MARK, goTo, isFile, query as asked, showQuery } from "./address.js";
import { tellSeek } from "./deliver.js";
import { addressFor, tellHeight } from "./embedding.js";
import { loadedAnew } from "./holdings.js";
import { say, sayAll } from "./languages.js";
import { createLinkMaker } from "./link_maker.js";
import { onPaper, pictureOf } from "./picture.js";
import { createStage } from "./stage.js";
import { offerFile } from "./take_along.js";
import { createTour } from "./tour.js";
import { equip } from "./widget.js";
import { printSheet, worksheet } from "./worksheet.js";

/** @import { LessonBarValue } from "./payload_types.js" */

export function mount({ element, trigger, server }) {
  const widget = equip(element);
  const { part, root } = widget;

  const TAB_OF = { desk: "add", guess: "guess", film: "remove" }; // of the players, by their ids on the page
  const SETTLE_MS = 300;
  const shown = {}; // by tab, what is shown there now, as texts of a link
  const wishes = {}; // by tab, what was last asked for
  /** @type {LessonBarValue | null} */
  let bar = null; // the value from Python
  let tab = null,
    settling = null,
    openings = 0; // of views, since the page was loaded

  const marked = (query) => query && MARK + query;
  const asText = (value) => (Array.isArray(value) ? value.join(",") : String(value));
  const firstTab = () => Object.keys(bar.defaults)[0];
  const sameView = () => bar.view?.tab === tab; // hide=, lock= and lesson= belong to the tab that the link opened

  // ---- the address ----

  const OURS = () => ["tab", "hide", "lock", "lesson", "present", ...Object.values(bar.defaults).flatMap(Object.keys)];

  /** Whether an address names a lesson and nothing of its view: who types that wants the lesson as it begins. */
  const lessonAlone = (params) =>
    params.has("lesson") && !OURS().some((name) => params.has(name) && name !== "lesson" && name !== "present");

  function query() {
    const params = new URLSearchParams(asked());
    for (const name of OURS()) params.delete(name);
    if (tab !== firstTab()) params.set("tab", tab);
    for (const [name, usual] of Object.entries(bar.defaults[tab])) {
      const value = shown[tab]?.[name];
      if (value !== undefined && value !== usual) params.set(name, value);
    }
    for (const name of ["hide", "lock", "lesson"]) if (sameView() && bar.view[name]) params.set(name, bar.view[name]);
    if (stage.inLink) params.set("present", stage.inLink);
    if (lessonAlone(params)) params.set("tab", tab); // the lesson's tab as it is by itself, not as the lesson begins
    const text = params.toString().replaceAll("%2C", ",");
    return text;
  }

  function settle() {
    clearTimeout(settling);
    if (!bar) return;
    showQuery(query());
    root.dataset.query = marked(asked());
  }

  function hear({
    target,
    detail: { tab: of = TAB_OF[target.closest?.("#desk, #guess, #film")?.id], values = {}, select },
  }) {
    if (select && select !== tab) {
      tab = select;
      stage.follow();
    }
    if (of) {
      shown[of] ??= {};
      for (const [name, value] of Object.entries(values)) if (value !== null) shown[of][name] = asText(value);
    }
    clearTimeout(settling);
    settling = setTimeout(settle, SETTLE_MS);
  }

  // ---- copying ----

  async function copyText(text, where) {
    try {
      await navigator.clipboard.writeText(text);
      part(where).textContent = say("Copied: whoever opens this link sees the same.");
      return true;
    } catch {
      // no permission, an address without https, or a frame that may not
      part(where).textContent = say(
        "The browser forbids copying here. Copy this link yourself: whoever opens it sees the same.",
      );
      return false;
    }
  }

  async function copy() {
    settle();
    const { address, outer } = addressFor(marked(asked()), bar.space);
    part("address").value = address;
    if (!(await copyText(address, "told"))) {
      part("address").hidden = false;
      part("address").select();
    }
    const more = [
      shown[tab]?.own === "true" && "Your own picture is not part of a link.",
      !outer && "The page around this one does not say its address: this link opens the page alone.",
    ];
    part("told").textContent = sayAll(part("told").textContent, ...more);
  }

  /** The query of the view on screen, with these in it instead. */
  function queryWith(changes) {
    const params = new URLSearchParams(query());
    for (const [name, value] of Object.entries(changes)) {
      if (value) params.set(name, value);
      else params.delete(name);
    }
    return marked(params.toString().replaceAll("%2C", ","));
  }

  const numberOf = (id) => bar.lessons.findIndex((lesson) => lesson.id === id);
  const linkTo = (lesson) => lesson.query + (stage.inLink ? "&present=1" : "");

  function turn(by) {
    const now = bar.view?.lesson ? numberOf(bar.view.lesson) : by > 0 ? -1 : bar.lessons.length;
    const next = bar.lessons[now + by];
    if (next) goTo(linkTo(next));
  }

  const stage = createStage(widget, {
    bar: () => bar,
    trigger,
    tab: () => tab,
    lesson: () => (sameView() ? bar.lessons[numberOf(bar.view.lesson)] : undefined),
    turn,
    openTab: (name) => askFor(name, { query: { tab: name, present: "1" }, again: false }),
    changed: settle,
  });

  // ---- values from Python ----

  function showLesson() {
    const number = numberOf(bar.view.lesson),
      lesson = bar.lessons[number];
    part("lesson").hidden = !lesson;
    if (!lesson) return;
    part("title").textContent = lesson.title.endsWith("?") ? say(lesson.title) : say("{0}.", say(lesson.title));
    part("question").textContent = say(lesson.question);
    part("look-for").textContent = say(lesson.look_for);
    part("number").textContent = `${number + 1} / ${bar.lessons.length}`;
    const beside = { before: bar.lessons[number - 1], after: bar.lessons[number + 1] };
    for (const [name, other] of Object.entries(beside)) {
      part(name).hidden = !other;
      part(name).textContent = say(other?.title ?? "");
      if (other) part(name).href = MARK + linkTo(other);
    }
  }

  /** Ask for a view in a tab: see lesson_bar.py. */
  function askFor(name, wish) {
    root.dataset.asked = JSON.stringify(Object.assign(wishes, { [name]: wish }));
    trigger(`open_${name}`, wish);
  }

  /** The names and values that the address asks for. */
  function paramsAsked() {
    const params = new URLSearchParams(asked()),
      lesson = lessonAlone(params) && bar.lessons.find(({ id }) => id === params.get("lesson"));
    return lesson ? new URLSearchParams(`${lesson.query}&${params}`) : params;
  }

  // Only what is ours in the address is worth asking the server for.
  function readAddress() {
    tab ??= firstTab();
    const params = paramsAsked(),
      wanted = params.get("tab") in bar.defaults ? params.get("tab") : firstTab();
    const again = loadedAnew();
    if (again || OURS().some((name) => params.has(name))) askFor(wanted, { query: Object.fromEntries(params), again });
    else root.dataset.state = "ready";
  }

  // A class is brought to the view on its stage (see classroom.js), whatever is shown here now.
  function open({ detail }) {
    const asked = new URLSearchParams(detail.query),
      wanted = asked.get("tab") in bar.defaults ? asked.get("tab") : firstTab();
    root.dataset.state = "opening";
    askFor(wanted, { query: Object.fromEntries(asked), whole: true, opening: ++openings });
  }

  // As if the page had been loaded at this view: from its top, and each player at its t, once it has its values. A film
  // begins anew, and stops at its t by itself.
  function lookAt({ tab: of, values }) {
    const player = Object.keys(TAB_OF).find((id) => TAB_OF[id] === of);
    window.scrollTo(0, 0);
    if (player) setTimeout(() => tellSeek(player, Number(values.t)));
  }

  /** @param {LessonBarValue} value */
  function receive(value) {
    if (!value || (value.opening && value.opening < openings)) return; // another view was asked for meanwhile
    bar = value;
    part("lessons").replaceChildren(
      ...bar.lessons.map((lesson) => {
        const item = document.createElement("li"),
          link = document.createElement("a");
        link.href = MARK + lesson.query;
        link.textContent = say(lesson.title);
        item.append(link);
        return item;
      }),
    );
    if (!bar.view) return readAddress();
    tab = bar.view.tab;
    root.dataset.tab = tab;
    trigger("turn");
    shown[tab] = { ...shown[tab], ...bar.view.values };
    part("told").textContent = sayAll(...bar.problems.map((problem) => say("Not in this link: {0}.", problem)));
    showLesson();
    stage.show(bar.view.present);
    root.dataset.state = "ready";
    if (bar.opening) lookAt(bar.view);
  }

  const openMaker = createLinkMaker(widget, {
    bar: () => bar,
    tab: () => tab,
    query: queryWith,
    qr: server.qr_code,
    copy: copyText,
  });
  tellHeight();

  function openSheet() {
    const lessons = bar.lessons.map(({ id, title }) => new Option(say(title), id));
    part("sheet-lesson").replaceChildren(new Option(say("all lessons"), ""), ...lessons);
    part("sheet-lesson").value = sameView() ? bar.view.lesson : "";
    part("sheet").showModal();
  }

  function print() {
    const { blocks, title } = stage.onScreen();
    part("sheet").close();
    const picture = part("sheet-picture").checked && blocks.length ? onPaper(() => pictureOf(blocks, title)) : null;
    printSheet(worksheet(bar, { only: part("sheet-lesson").value, answers: part("sheet-answers").checked, picture }));
  }

  createTour(widget, {
    tab: () => tab,
    openTab: (name) => askFor(name, { query: { tab: name }, again: true }),
    /** The view with all that belongs to it, and where on the page one was. */
    remember() {
      const asked = Object.fromEntries(new URLSearchParams(query())),
        was = tab,
        { scrollX, scrollY } = window;
      stage.show(false);
      return () => {
        askFor(was, { query: asked, again: true });
        window.scrollTo(scrollX, scrollY);
        part(asked.present ? "stage" : "tour-begin").focus({ preventScroll: true });
      };
    },
  });

  part("take-row").hidden = isFile; // it is there already
  offerFile(part("take"), (sentence) => (part("take-told").textContent = sentence));
  part("worksheet").addEventListener("click", openSheet);
  part("sheet-print").addEventListener("click", print);
  part("sheet-close").addEventListener("click", () => part("sheet").close());
  part("make").addEventListener("click", openMaker);
  part("save").addEventListener("click", () => stage.savePicture());
  part("copy").addEventListener("click", copy);
  part("present").addEventListener("click", () => stage.show(true));
  document.addEventListener("explorer:link", /** @type {any} */ (hear));
  document.addEventListener("explorer:show", /** @type {any} */ (open));
  document.addEventListener("click", (event) => {
    if (!event.composedPath().includes(part("menu"))) part("menu").open = false;
  });
  return receive;
}

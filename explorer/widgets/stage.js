// The stage: presenter mode's own layout. A scene is one or two blocks of the open tab, which fill the screen between
// the question above and the keys below; everything else of the page is away. page.css and stage.css do the measuring.

import { classKeys, classroom } from "./class_stage.js";
import { ask } from "./keys.js";
import { say } from "./languages.js";
import { savePicture } from "./picture.js";

/** @import { LessonBarValue, LessonEntry, SceneEntry, StageKey } from "./payload_types.js" */

const PLAYER = [
  [" ", "toggle"],
  ["ArrowLeft", "back"],
  ["ArrowRight", "forward"],
  ["Home", "start"],
  ["End", "end"],
  ["s", "speed"],
];
const TYPED_IN = "select, textarea, [contenteditable], input:not([type=range], [type=checkbox], [type=radio])";
const FIRST = "1"; // in the address, for the scene that the lesson or the tab begins with

/**
 * @param {{ part: (name: string) => any, root: any }} widget of the lesson bar
 * @param {{ bar: () => LessonBarValue, trigger: (event: string, detail?: object) => void, tab: () => string,
 *   lesson: () => LessonEntry | undefined, turn: (by: number) => void, openTab: (tab: string) => void,
 *   changed: () => void }} page tab: the open one; lesson: the one that belongs to it; turn: to another lesson
 */
export function createStage({ part, root }, { bar, trigger, tab, lesson, turn, openTab, changed }) {
  const page = document.documentElement;
  /** @type {SceneEntry | null} */
  let scene = null; // what is on the stage
  let on = false,
    answered = false; // whether what to look for is shown

  const scenesHere = () => bar().scenes.filter((other) => other.tab === tab());
  const byId = (id) => scenesHere().find((other) => other.id === id);
  const begin = () => byId(lesson()?.scene) ?? scenesHere()[0];
  const blocks = () => scene?.blocks.map((id) => document.getElementById(id)).filter(Boolean) ?? [];
  /** @type {() => HTMLElement | null | undefined} */
  const shown = () => blocks()[0]?.querySelector("[data-widget]");
  const player = () => document.getElementById(scene.player)?.querySelector("[data-widget]");
  /** @type {() => HTMLElement | null | undefined} */
  const drawer = () => shown()?.closest("[role=tabpanel]")?.querySelector(".aside");

  // ---- what stands on it ----

  /** Marks what the style sheet lays out: the blocks, and the way to them from the tabs. False: not there yet. */
  function mark() {
    for (const marked of document.querySelectorAll("[data-stage]")) marked.removeAttribute("data-stage");
    if (!on || !scene) return true;
    const found = blocks();
    if (found.length < scene.blocks.length || !shown()) return false;
    found.forEach((block, i) => {
      block.dataset.stage = "block";
      block.dataset.place = found.length === 1 ? "all" : ["left", "right"][i];
      for (let above = block.parentElement; above && !above.matches(".gradio-container"); above = above.parentElement)
        above.dataset.stage = "path";
    });
    window.dispatchEvent(new Event("resize")); // charts take their new size
    return true;
  }

  const waiting = new MutationObserver(() => {
    if (!mark()) return;
    waiting.disconnect();
    focusPlayer();
  });

  const focusPlayer = () => shown()?.focus({ preventScroll: true });

  function set(next) {
    scene = next;
    root.dataset.scene = scene.id;
    answered = false;
    waiting.disconnect();
    if (mark()) focusPlayer();
    else waiting.observe(document.body, { childList: true, subtree: true }); // a tab that is opened for the first time
    tellHead();
    tellKeys();
    changed();
  }

  function tellHead() {
    const asked = lesson();
    part("stage-title").textContent = asked ? say(asked.title) : say(scene.title);
    part("stage-question").textContent = say(asked && scene === begin() ? asked.question : scene.question);
    part("stage-answer").textContent = asked ? say(asked.look_for) : "";
    part("stage-answer").hidden = !asked || !answered;
  }

  // ---- keys ----

  /** @param {StageKey} key */
  function act({ act: what, server, then }) {
    if (server) trigger(`key_${what}`);
    else ask(player(), what);
    if (then) set(byId(then));
  }

  function openDrawer(open) {
    const aside = drawer();
    if (!aside) return;
    aside.dataset.stage = open ? "drawer" : "path";
    if (!open) return focusPlayer();
    aside.tabIndex = -1;
    aside.focus();
  }
  const boardIsShown = () => Boolean(classroom()?.dataset.board);
  const drawerIsOpen = () => drawer()?.dataset.stage === "drawer";

  function askClass(what) {
    ask(classroom(), what);
    if (!boardIsShown()) focusPlayer();
  }

  function leaveOne() {
    if (boardIsShown()) askClass("class_away");
    else if (drawerIsOpen()) openDrawer(false);
    else show(false);
  }

  function nextScene() {
    const here = scenesHere();
    set(here[(here.indexOf(scene) + 1) % here.length]);
  }

  /** What stands on the stage; on the page as it is, what would begin on it. */
  function save() {
    const { blocks: found, title } = onScreen();
    if (found.length) savePicture(found, title);
  }

  function onScreen() {
    const { blocks: ids, title } = on ? scene : begin();
    const found = ids.map((id) => document.getElementById(id)).filter(Boolean);
    return { blocks: found, title: say(title) };
  }

  function fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else page.requestFullscreen?.().catch(() => {}); // a frame may not allow it
  }

  /** @returns {[string, string, () => void][]} the key, what it does in words, and that */
  function keysOfPage() {
    const tabs = [...new Set(bar().scenes.map((other) => other.tab))];
    return [
      ["v", say("Next view"), nextScene],
      [
        "a",
        say("What to look for"),
        () => {
          answered = !answered;
          tellHead();
        },
      ],
      ["c", say("Controls"), () => openDrawer(!drawerIsOpen())],
      ["p", say("Save picture"), save],
      ["f", say("Full screen"), fullScreen],
      ["?", say("Keys"), () => toggleCard()],
      ["PageDown", say("Next lesson"), () => turn(1)],
      ["PageUp", say("Lesson before"), () => turn(-1)],
      ...classKeys(askClass),
      ["Escape", say("Leave"), leaveOne],
      ...tabs.map(
        (name, i) => /** @type {[string, string, () => void]} */ ([String(i + 1), say("Tab"), () => openTab(name)]),
      ),
    ];
  }

  function press(event) {
    if (!on || !scene || event.ctrlKey || event.altKey || event.metaKey || part("card").open) return;
    const target = event.target instanceof Element ? event.target : page;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const typing = target.closest(TYPED_IN) && !["Escape", "PageUp", "PageDown"].includes(name);
    const own = scene.keys.find(({ key }) => key === name);
    const general = keysOfPage().find(([key]) => key === name);
    if (typing) return;
    if (own) act(own);
    else if (general) general[2]();
    else if (!forPlayer(name, target)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The player hears its keys by itself where it is in focus; a control in focus keeps those that move it.
  function forPlayer(name, target) {
    const what = PLAYER.find(([key]) => key === name)?.[1];
    if (!what) return false;
    if (name !== "s" && target.closest("input, button, a, summary, [data-stage=block] [data-widget]")) return false;
    return ask(player(), what);
  }

  // ---- what stands below, and the card of keys ----

  const NAMES = { " ": "␣", ArrowLeft: "←", ArrowRight: "→", PageDown: "PgDn", PageUp: "PgUp", Escape: "Esc" };
  const named = (key) => NAMES[key] ?? key.toUpperCase();

  function keyButton(key, words, pressed) {
    const button = document.createElement("button"),
      cap = document.createElement("kbd");
    button.type = "button";
    cap.textContent = named(key);
    button.append(cap, ` ${words}`);
    button.addEventListener("click", pressed);
    return button;
  }

  function tellKeys() {
    const general = keysOfPage();
    const below = general.filter(
      ([key]) =>
        ["c", "j", "?"].includes(key) ||
        (key === "v" && scenesHere().length > 1) ||
        (key === "a" && lesson()) ||
        key === "Escape",
    );
    part("stage-keys").replaceChildren(
      ...scene.keys
        .filter(({ server, then }) => server || then)
        .map((key) => keyButton(key.key, say(key.words), () => act(key))), // the others have a button on the player
      ...below.map(([key, words, pressed]) => keyButton(key, words, pressed)),
    );
  }

  function toggleCard() {
    const line = (caps, words) => {
      const term = document.createElement("dt"),
        meaning = document.createElement("dd");
      for (const cap of caps) term.append(Object.assign(document.createElement("kbd"), { textContent: named(cap) }));
      meaning.textContent = words;
      return [term, meaning];
    };
    const general = keysOfPage().filter(([key]) => !/^\d$/.test(key));
    const tabs = keysOfPage().filter(([key]) => /^\d$/.test(key));
    part("card-keys").replaceChildren(
      ...[
        line([" "], say("Play or pause")),
        line(["ArrowLeft", "ArrowRight"], say("One step back or forward")),
        line(["Home", "End"], say("To the start or the end")),
        line(["s"], say("Speed")),
        ...scene.keys.map((key) => line([key.key], say(key.words))),
        ...general.map(([key, words]) => line([key], words)),
        line([tabs[0][0], "–", tabs.at(-1)[0]], say("The tabs")),
      ].flat(),
    );
    part("card").showModal();
  }
  part("card-close").addEventListener("click", () => part("card").close());
  part("card").addEventListener("keydown", (event) => {
    if (event.key === "?") part("card").close();
  });

  // ---- on and off ----

  function show(wanted) {
    const was = on;
    on = Boolean(wanted);
    page.classList.toggle("presenting", on);
    part("stage").hidden = part("stage-keys").hidden = !on;
    if (!on) root.dataset.scene = "";
    if (!on && boardIsShown()) ask(classroom(), "class_away");
    if (on) set(byId(wanted) ?? begin());
    else {
      waiting.disconnect();
      mark();
      if (was) window.dispatchEvent(new Event("resize"));
      changed();
    }
  }

  document.addEventListener("explorer:class", (/** @type {any} */ { detail }) => {
    part("stage-class").textContent = detail.line;
  });

  const measured = new ResizeObserver(() => {
    page.style.setProperty("--stage-top", `${part("stage").offsetHeight}px`);
    page.style.setProperty("--stage-bottom", `${part("stage-keys").offsetHeight}px`);
  });
  measured.observe(part("stage"));
  measured.observe(part("stage-keys"));
  document.addEventListener("keydown", press, true); // before the players, which otherwise jump by a tenth

  return {
    show,
    savePicture: save,
    onScreen,
    /** Another tab was opened. */
    follow() {
      if (on && scene?.tab !== tab()) set(begin());
    },
    /** What the address says of it; "" if it is not on. */
    get inLink() {
      return !on || !scene ? "" : scene === begin() ? FIRST : scene.id;
    },
  };
}

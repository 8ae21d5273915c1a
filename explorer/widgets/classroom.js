// The class: opened here or joined here; what is asked, drawn and shown in it. Its line is class_link.js.

import { createAsking } from "./class_asking.js";
import { createPad, createWall } from "./class_drawings.js";
import { createLink } from "./class_link.js";
import { createBoard } from "./class_stage.js";
import { offer } from "./keys.js";
import { language, say, sayAll } from "./languages.js";
import { equip } from "./widget.js";

/** @import { ClassNews, ClassReport, ClassroomValue } from "./payload_types.js" */

const FOLLOW_MS = 1000; // between two views that the class is brought to, at least
const READ_MS = 400; // after a change on the stage, its address has followed

export function mount({ element, props, trigger }) {
  const { part, root } = equip(element);
  /** @type {ClassroomValue} */
  const { questions, lessons, views } = props.value;
  const questionOf = (id) => questions.find((question) => question.id === id);

  let leads = false;
  /** @type {ClassNews | null} */
  let news = null;
  let follows = true; // the view on the stage, if there is one
  let brought = 0; // the turn of the view that was opened last
  let stage = null; // what the class was brought to, on the leader's page
  let bringing = null;
  let reading = null;
  let fitted = ""; // the question that was chosen for what is shown

  const tell = (told) => {
    part("told").textContent = told ? say("{0}.", told) : "";
  };
  const link = createLink({ hear, changed, tell, broken });

  function open(on) {
    part("panel").hidden = !on;
    part("toggle").setAttribute("aria-expanded", on);
    root.dataset.open = on;
  }
  const board = createBoard(root, part, open);
  const asking = createAsking({ root, part, questionOf, call: link.call, board });

  // ---- a place in a class, or none ----

  /** @param {import("./class_link.js").Held | null} held */
  function changed(held) {
    leads = Boolean(held?.secret);
    news = null;
    asking.forget();
    brought = 0;
    follows = true;
    stage = null;
    board.show("");
    board.tell("");
    root.dataset.role = held ? (leads ? "leader" : "member") : "none";
    root.dataset.code = held?.code ?? "";
    part("entrance").hidden = Boolean(held);
    part("leading").hidden = !leads;
    part("inside").hidden = !held || leads;
    for (const name of ["poll", "draw", "wall"]) part(name).hidden = true;
    part("toggle").textContent = held ? say("Class {0}", held.code) : say("Class");
    setAddress(held && !leads ? held.code : null);
    tell("");
    if (!leads) return;
    part("code").textContent = `${held.code.slice(0, 3)} ${held.code.slice(3)}`;
    part("link").textContent = part("link").href = held.link;
    part("qr").src = held.qr;
    part("qr").alt = say("QR code of the address {0}", held.link);
    part("warning").textContent = held.local
      ? say("Other devices cannot reach this address: start the page with --host 0.0.0.0 and --address.")
      : "";
    chooseQuestion();
  }

  // a member's page, opened again from its address, joins again
  function setAddress(code) {
    const params = new URLSearchParams(location.search);
    if (code) params.set("class", code);
    else params.delete("class");
    const query = params.toString().replaceAll("%2C", ",");
    history.replaceState(history.state, "", location.pathname + (query && `?${query}`) + location.hash);
  }

  function broken(isBroken) {
    if (root.dataset.broken === String(isBroken)) return;
    root.dataset.broken = isBroken;
    tell(isBroken ? say("The connection to the class is interrupted: it goes on by itself") : "");
  }

  // ---- what is heard ----

  /** @param {ClassNews | ClassReport} heard */
  function hear(heard) {
    const before = news;
    news = heard;
    const report = /** @type {ClassReport} */ (heard);
    asking.show(report, leads);
    part("draw").hidden = leads || !news.drawing;
    if (leads) {
      board.tell(inClass(report));
      const { members, minutes_left: minutes } = report;
      part("members").textContent =
        minutes === null
          ? say("{0} in the class", members)
          : say("{0} in the class, which ends in {1} minutes", members, minutes);
      stage = news.stage;
      part("follow").setAttribute("aria-pressed", stage !== null);
      part("want").setAttribute("aria-pressed", news.drawing);
      part("wall").hidden = !news.drawing && report.drawings.length === 0;
      hang(report);
    } else follow();
    if (
      before &&
      (before.round !== news.round || before.drawing !== news.drawing) &&
      !part("panel").checkVisibility?.()
    )
      open(true);
    root.dataset.round = news.round;
  }

  // One line for the stage.
  function inClass({ question, result, answered, members }) {
    if (!question || result) return say("{0} in the class", members);
    const asked = say(questionOf(question).text);
    return sayAll(asked, say("{0} of {1} have answered.", answered, members));
  }

  // ---- the view on the stage ----

  function follow() {
    const on = news.stage !== null;
    part("following").textContent = !on
      ? say("You are in the class.")
      : follows
        ? say("You see what the class looks at.")
        : say("You look around by yourself.");
    part("alone").hidden = !on;
    part("alone").textContent = follows ? say("Look around by myself") : say("Follow again");
    if (!on || !follows || brought === news.turn) return;
    brought = news.turn;
    document.dispatchEvent(new CustomEvent("explorer:show", { detail: { query: news.stage } }));
  }

  function bring() {
    clearTimeout(bringing);
    if (leads && stage !== null)
      bringing = setTimeout(() => {
        if (leads && stage !== null) link.call("show", { query: location.search });
      }, FOLLOW_MS);
  }

  // ---- what is pressed ----

  // That of the open lesson; else of what stands on the stage, or of the tab.
  function chooseQuestion() {
    const params = new URLSearchParams(location.search);
    const fitting =
      lessons[params.get("lesson")] ??
      views[params.get("present")] ??
      views[params.get("tab") ?? Object.keys(views)[0]];
    if (leads && fitting && fitting !== fitted) part("question").value = fitted = fitting;
  }

  /** Ask, then reveal, then put away. */
  function nextOfPoll() {
    if (!leads) return board.show("class");
    if (!news?.question) return link.call("ask", { question: part("question").value });
    return news.result ? link.call("put-away") : asking.reveal();
  }

  const bringOrLetGo = () => leads && link.call("show", { query: stage === null ? location.search : null });

  function wall() {
    if (!leads) return board.show("class");
    if (!news?.drawing) link.call("want-drawings", { wanted: true });
    part("wall").hidden = false;
    return board.show(board.shown === "wall" ? "" : "wall");
  }

  const hang = createWall(part, link.call);
  createPad(part, link.call);
  const pressed = (name, act) => part(name).addEventListener("click", act);
  pressed("toggle", () => open(part("panel").hidden));
  pressed("open", link.open);
  pressed("leave", link.leave);
  pressed("end", link.leave);
  pressed("ask", () => link.call("ask", { question: part("question").value }));
  pressed("reveal", asking.reveal);
  pressed("put-away", () => link.call("put-away"));
  pressed("want", () => link.call("want-drawings", { wanted: !news.drawing }));
  pressed("follow", bringOrLetGo);
  pressed("train", () => {
    board.show("");
    trigger("train", { code: root.dataset.code, secret: link.secret() });
  });
  pressed("alone", () => {
    follows = !follows;
    brought = 0;
    follow();
  });
  part("join").addEventListener("submit", (event) => {
    event.preventDefault();
    link.join(part("typed").value);
  });
  offer(root, { class_poll: nextOfPoll, class_follow: bringOrLetGo, class_wall: wall });
  document.addEventListener("explorer:link", () => {
    bring();
    clearTimeout(reading);
    reading = setTimeout(() => {
      chooseQuestion(); // the address has followed
      asking.readTruth();
    }, READ_MS);
  });

  part("question").replaceChildren(...questions.map(({ id, text }) => new Option(say(text), id)));
  part("digit").replaceChildren(...Array.from({ length: 10 }, (_, digit) => new Option(String(digit), String(digit))));
  root.lang = language;

  (async () => {
    const code = new URLSearchParams(location.search).get("class");
    const back = await link.resume();
    if (!back && code) await link.join(code);
    if (back || code) open(true);
    root.dataset.ready = "true";
  })();
}

// A page's line to its class: short questions, soon and again, past Gradio (see page/class_door.py). It survives that
// the page is loaded anew and that the network is away for a while; the key, or the leader's secret, stays in the tab.

import { CLASS_ROUTE, LEADER_HEADER, MEMBER_HEADER, WAIT_HEADER } from "./constants.js";
import { say } from "./languages.js";
import { pageKey } from "./page_key.js";
import { recallInTab, rememberInTab } from "./tab_storage.js";

/** @import { ClassNews, ClassReport, OpenedClass } from "./payload_types.js" */
/** @typedef {{ code: string, member?: string } & Partial<OpenedClass>} Held a member's place, or the leader's */

const STORED = "class";
const LONGEST_WAIT_MS = 5000; // between two tries while the network is away
const LAST = ["end", "leave"]; // calls after which a page asks no more: else it would join again
const AWAY = [502, 503, 504]; // what a proxy says while the server behind it is away

const fresh = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

/**
 * @param {{
 *   hear: (news: ClassNews | ClassReport) => void,
 *   changed: (held: Held | null) => void,
 *   tell: (told: any) => void,
 *   broken: (isBroken: boolean) => void,
 * }} listener hear: of news; changed: the page has a place in a class, or none any more; tell: why something was
 *   refused; broken: whether the network is away
 */
export function createLink({ hear, changed, tell, broken }) {
  /** @type {Held | null} */
  let held = null;
  let tag = "",
    newest = 0, // drawing that this page has
    misses = 0,
    turn = 0, // of asking: only the latest question's answer counts
    timer = null;

  const root = String(/** @type {any} */ (window).gradio_config?.root ?? "").replace(/\/$/, "");
  const addressOf = (path) => new URL(`${root}${CLASS_ROUTE}${path}`, location.href);

  function speak(path, init = {}) {
    const headers = new Headers(init.headers);
    if (held?.secret) headers.set(LEADER_HEADER, held.secret);
    else if (held?.member) headers.set(MEMBER_HEADER, held.member);
    return fetch(addressOf(path), { cache: "no-store", ...init, headers });
  }

  const refusal = async (answer) => (await answer.json().catch(() => ({}))).told ?? say("The server does not answer");

  /** @param {Held | null} place */
  async function hold(place) {
    held = place;
    tag = "";
    newest = misses = 0;
    turn++;
    clearTimeout(timer);
    changed(place);
    rememberInTab(STORED, place ? JSON.stringify({ ...place, page: await pageKey }) : "");
  }

  /** Ask for news now, and again from then on. */
  async function ask() {
    clearTimeout(timer);
    if (!held) return;
    const mine = ++turn;
    let wait = Math.min(500 * 2 ** misses, LONGEST_WAIT_MS);
    try {
      const answer = await speak(`${held.code}?after=${newest}`, { headers: { "If-None-Match": tag } });
      if (AWAY.includes(answer.status)) throw new Error("away");
      const news = answer.status === 200 ? await answer.json() : null;
      const why = answer.status >= 400 ? await refusal(answer) : news?.told;
      if (mine !== turn) return;
      broken(false);
      misses = 0;
      wait = Number(answer.headers.get(WAIT_HEADER)) || LONGEST_WAIT_MS;
      if (why) {
        await hold(null);
        tell(why);
        return;
      }
      if (news) {
        newest = Math.max(newest, ...(news.new ?? []).map((drawing) => drawing.number));
        tag = answer.headers.get("ETag");
        hear(news);
      }
    } catch {
      if (mine !== turn) return;
      misses++;
      broken(misses > 1);
    }
    timer = setTimeout(ask, wait);
  }

  /**
   * A call of this page; whether it was done.
   * @param {string} name
   * @param {object} body
   */
  async function call(name, body = {}) {
    if (!held) return false;
    try {
      const answer = await speak(`${held.code}/${name}`, { method: "POST", body: JSON.stringify(body) });
      if (!answer.ok) tell(await refusal(answer));
      if (held && !LAST.includes(name)) ask();
      return answer.ok;
    } catch {
      tell(say("The connection is interrupted: try again in a moment"));
      return false;
    }
  }

  async function open() {
    try {
      const answer = await speak("open", { method: "POST" });
      if (!answer.ok) return tell(await refusal(answer));
      await hold(await answer.json());
      return ask();
    } catch {
      return tell(say("The connection is interrupted: try again in a moment"));
    }
  }

  /** @param {string} code */
  async function join(code) {
    await hold({ code: encodeURIComponent(code), member: fresh() });
    return ask();
  }

  /** The place that this page had before it was loaded anew; whether it had one. */
  async function resume() {
    try {
      const { page, ...place } = JSON.parse(recallInTab(STORED) || "{}");
      if (!place.code || page !== (await pageKey)) return false; // or it was another tab's
      await hold(place);
      ask();
      return true;
    } catch {
      return false;
    }
  }

  async function leave() {
    clearTimeout(timer);
    turn++; // what is asked already counts no more
    if (held?.secret) await call("end");
    else await call("leave");
    await hold(null);
  }

  // the page may come back: a leader's class waits a while, and a member is only not counted
  window.addEventListener("pagehide", () => {
    if (held)
      speak(`${held.code}/${held.secret ? "close" : "leave"}`, { method: "POST", keepalive: true }).catch(() => {});
  });
  window.addEventListener("pageshow", ({ persisted }) => persisted && ask());
  window.addEventListener("online", ask);
  document.addEventListener("visibilitychange", () => document.hidden || ask());

  return { open, join, resume, leave, call, secret: () => held?.secret ?? "" };
}

// The page's connections, in place of Gradio's own: see page/connections.py. Runs before Gradio does, and stands
// between it and the server. No connection is held: events come in answers that end soon, and what breaks is asked for
// again.

import {
  AFTER_HEADER,
  BEAT_SECONDS,
  DEVICE_HEADER,
  HOLDS_HEADER,
  KEY_HEADER,
  LANGUAGE_HEADER,
  SERVER_HEADER,
  SESSION_HEADER,
} from "./constants.js";
import { deviceAble } from "./device_able.js";
import { compareHoldings } from "./holdings.js";
import { language } from "./languages.js";
import { tell } from "./notice.js";
import { pageKey } from "./page_key.js";

const API = "/gradio_api/";
const BEAT_MS = BEAT_SECONDS * 1000;
const RETRY_MS = 1000;
const PATIENCE_MS = 120_000; // after which a broken connection is told to Gradio, which loads the page anew
const TURNS_APART = 6; // of the page's loop between two values, so that each is shown
const TURN_MS = 4;
const FRAME_MS = 50;
const BUSY = [502, 504]; // what a proxy says while the server behind it is away

const fetchFromServer = window.fetch.bind(window);
const running = new Set(); // events that have not ended
let starting = 0; // events on their way to the server
/** @type {(value?: any) => void} to fetch events */
let wake = () => {};
let session = "";
let base = ""; // the address that ends in API
let server = ""; // which run of the server this page belongs to
let spoken = 0; // when this page last spoke

// until then, or until there is a reason to try at once
const pause = () =>
  new Promise((done) => {
    const events = ["online", "pageshow", "focus"];
    const end = () => {
      events.forEach((name) => window.removeEventListener(name, end));
      done();
    };
    events.forEach((name) => window.addEventListener(name, end));
    setTimeout(end, RETRY_MS);
  });

async function speak(address, init = {}) {
  const headers = new Headers(init.headers);
  headers.set(KEY_HEADER, await pageKey);
  headers.set(SESSION_HEADER, session);
  headers.set(LANGUAGE_HEADER, language);
  if (deviceAble()) headers.set(DEVICE_HEADER, "1");
  spoken = Date.now();
  const answer = await fetchFromServer(address, { ...init, headers });
  const name = answer.headers.get(SERVER_HEADER);
  // a server that was started anew knows nothing of this page
  if (name && server && name !== server) location.reload();
  else if (name) compareHoldings(answer.headers.get(HOLDS_HEADER) ?? "");
  server ||= name ?? "";
  return answer;
}

/** The same as `speak`, again and again while there is no connection. */
async function insist(address, init) {
  const end = Date.now() + PATIENCE_MS;
  for (let tries = 0; ; tries++) {
    if (tries === 2) tell("The connection is interrupted: what runs here goes on as soon as it is back.");
    try {
      const answer = await speak(address, init);
      if (!BUSY.includes(answer.status) || Date.now() > end) {
        if (tries) tell("");
        return answer;
      }
    } catch (error) {
      if (init?.signal?.aborted || Date.now() > end) throw error;
    }
    await pause();
  }
}

// ---- events ----

// Of two values for one component that come at once, Gradio shows the second only: players would miss a part. Each
// turn stands behind what Gradio has begun, however busy the page is. A hidden page's timers run once a second, its
// messages at once, and it draws nothing.
async function moment() {
  for (let turn = 0; turn < TURNS_APART; turn++)
    await new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = document.hidden ? done : () => setTimeout(done, TURN_MS);
      port2.postMessage(null);
    });
  if (document.hidden) return;
  await new Promise((done) => {
    requestAnimationFrame(done);
    setTimeout(done, FRAME_MS); // a frame that is scrolled out of sight draws nothing either
  });
}

let last = 0; // the number of the last event that this page has

function note(text) {
  last = Number(/^id: (\d+)\n/.exec(text)?.[1] ?? last);
  const start = text.slice(0, 200);
  if (start.includes('"process_completed"')) {
    running.delete(JSON.parse(text.slice(text.indexOf("data:") + 5)).event_id);
  } else if (start.includes('"unexpected_error"') || start.includes('"server_stopped"')) running.clear();
}

async function fetchEvents(address, signal, pass) {
  const init = { headers: { [AFTER_HEADER]: String(last) }, cache: "no-store", priority: "low", signal };
  const answer = await insist(address, init);
  if (!answer.ok) throw new Error(`the stream of events is over: ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const whole = (rest + value).split("\n\n");
      rest = whole.pop();
      for (const text of whole) {
        note(text);
        pass(text + "\n\n");
        if (signal?.aborted) return;
        if (/"process_(generating|completed)"/.test(text.slice(0, 200))) await moment();
      }
    }
  } catch (error) {
    if (signal?.aborted) throw error; // else the connection broke, and the next answer goes on after the last event
  }
}

function openEvents(address, signal) {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async start(controller) {
      signal?.addEventListener("abort", () => wake());
      try {
        while (!signal?.aborted) {
          if (running.size || starting)
            await fetchEvents(address, signal, (text) => controller.enqueue(encoder.encode(text)));
          else {
            beat(); // to hear what the server holds after this
            await new Promise((done) => (wake = done));
          }
        }
      } catch (error) {
        if (!signal?.aborted) return controller.error(error);
      }
      return controller.close(); // Gradio itself wants no more
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

async function join(address, init) {
  starting += 1;
  try {
    const answer = await insist(address, init);
    if (answer.ok) running.add((await answer.clone().json()).event_id);
    return answer;
  } finally {
    starting -= 1;
    wake();
  }
}

// ---- signs of life ----

async function beat() {
  try {
    await speak(`${base}heartbeat/${session}`);
  } catch {
    // the next one will do
  }
}

async function open(address) {
  [base, session] = address.href.split("heartbeat/");
  await beat();
  setInterval(() => Date.now() - spoken > BEAT_MS && beat(), BEAT_MS / 4);
  window.addEventListener("pageshow", ({ persisted }) => persisted && beat());
  return new Response("", { headers: { "Content-Type": "text/event-stream" } });
}

window.addEventListener("pagehide", () => {
  if (session) navigator.sendBeacon(`${base}heartbeat/${session}`);
});

window.fetch = async (input, init) => {
  const request = input instanceof Request ? input : null;
  const address = new URL(request?.url ?? String(input), document.baseURI);
  const [before, route] = address.pathname.split(API);
  if (address.origin !== location.origin || route === undefined || before.includes(API))
    return fetchFromServer(input, init);
  if (route.startsWith("heartbeat/")) return open(address);
  if (route === "queue/data") return openEvents(address, request?.signal ?? init?.signal);
  if (request) return fetchFromServer(input, init);
  if (route === "queue/join") return join(address, init);
  return speak(address, init);
};

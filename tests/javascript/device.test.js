// What the page has of the device's worker, whatever becomes of that; with a worker of the test's own.

import assert from "node:assert/strict";
import { after, mock, test } from "node:test";

import { deviceAble } from "../../explorer/widgets/device_able.js";
import { createDevicePlayer } from "../../explorer/widgets/device_films.js";
import { rescueOnDevice } from "../../explorer/widgets/device_rescue.js";
import { askDevice, hostDevice } from "../../explorer/widgets/device_worker.js";

const SIZE = 784;
const workers = [];

class FakeWorker {
  sent = [];
  ended = false;
  constructor() {
    workers.push(this);
  }
  postMessage(message) {
    this.sent.push(message);
  }
  terminate() {
    this.ended = true;
  }
  tell(news) {
    this.onmessage({ data: { number: this.last().number, ...news } });
  }
  last = () => this.sent.filter(({ task }) => task).at(-1);
}
globalThis.Worker = /** @type {any} */ (FakeWorker);
after(() => newest().onerror({ preventDefault() {} })); // which ends its watch: node waits for that
const newest = () => workers[workers.length - 1];
const heard = [];
const listen = (news) => heard.push(news);
const job = { model: "explorer-models/x.bin", strips: ["x_t"], n: 2, again: { settings: { seed: 1 } } };
const later = () => new Promise((done) => setImmediate(done));

test("one worker for all, which is told what is no longer wanted", () => {
  hostDevice({ files: { inside: new Uint8Array(3) } });
  const first = askDevice("film", job, listen);
  askDevice("guess", { model: "inside" }, listen);
  askDevice("guess", { model: "https://example.org/net.bin" }, listen);
  assert.equal(workers.length, 1);
  const [files, film, guess, elsewhere] = newest().sent;
  assert.deepEqual(Object.keys(files.files), ["inside"]);
  assert.match(film.job.model, /^file:.*\/explorer-models\/x\.bin$/); // beside the modules, under whatever path
  assert.deepEqual([guess.job.model, elsewhere.job.model], ["inside", "https://example.org/net.bin"]);
  first.cancel();
  assert.deepEqual(newest().sent[4], { number: first.number, cancel: true });
  heard.length = 0;
  newest().onmessage({ data: { number: first.number, t: [1] } });
  assert.deepEqual(heard, []);
});

test("a worker that dies is told to all who wait, and another one is begun", () => {
  assert.ok(deviceAble());
  heard.length = 0;
  const old = newest();
  old.onerror({ preventDefault() {} });
  assert.deepEqual(heard, [{ trouble: "died" }, { trouble: "died" }]); // the two guesses
  assert.ok(old.ended && !deviceAble());
  askDevice("film", job, listen);
  assert.notEqual(newest(), old);
  newest().tell({ trouble: "memory" });
  assert.equal(heard.at(-1).trouble, "memory");
});

test("a slow one is waited for as long as it lives, a silent one is not", () => {
  newest().onerror({ preventDefault() {} });
  mock.timers.enable({ apis: ["setInterval"] });
  heard.length = 0;
  askDevice("film", job, listen);
  const worker = newest();
  for (let second = 0; second < 100; second++) {
    mock.timers.tick(1000);
    worker.onmessage({ data: { alive: true } });
  }
  assert.deepEqual(heard, []);
  mock.timers.tick(40_000);
  assert.deepEqual(heard, [{ trouble: "died" }]);
  mock.timers.reset();
});

test("where there is no worker, or no vectors, it is told at once", async () => {
  heard.length = 0;
  hostDevice({
    start() {
      throw new Error("a frame's policy forbids it");
    },
  });
  askDevice("film", job, listen);
  askDevice("film", job, listen).cancel();
  await later();
  assert.deepEqual(heard, [{ trouble: "died" }]);
  hostDevice({ start: () => /** @type {any} */ (new FakeWorker()) });
  const validate = WebAssembly.validate;
  WebAssembly.validate = () => false;
  askDevice("film", job, listen);
  WebAssembly.validate = validate;
  await later();
  assert.equal(heard[1].trouble, "unable");
});

// ---- players ----

const pictures = (...levels) =>
  Uint8Array.from({ length: levels.length * SIZE }, (_, i) => levels[Math.floor(i / SIZE)]);
const like = (...labels) => ({
  readings: labels.map((label) => ({ label, votes: 9 })),
  votes: 9,
  correlations: labels.map(() => labels.map(() => 0.5)),
  nearest: null,
  usual: [0.1, 0.2, 0.3],
});

function player(likeness) {
  const [received, given] = [[], []];
  const root = /** @type {any} */ (new EventTarget());
  const device = createDevicePlayer(root, {
    receive: (v) => received.push(v),
    handOver: (w) => given.push(w),
    likeness,
  });
  return { device, root, received, given };
}
const begun = (ending) => ({
  run: "r",
  n: 2,
  status: "begins",
  labels: [10],
  device: { ...job, table: { steps: [[5], [3]] }, total: 3, ...(ending ? { ending } : {}) },
});

test("a film's values look as the server's; a fork's end with a verdict", async () => {
  const { device, received } = player(async () => like(4, 4));
  device.begin(begun({ kind: "fork", t: 500 }));
  newest().tell({
    start: 0,
    t: [5, 3],
    pixels: pictures(1, 2, 3, 4),
    guess: pictures(9, 9),
    seconds: 0.1,
    done: false,
  });
  newest().tell({ start: 2, t: [0], pixels: pictures(5, 6), seconds: 0.26, done: true });
  await later();
  const [first, last, done, verdict] = received;
  assert.deepEqual([first.run, first.start, first.count, first.t, first.status], ["r", 0, 2, [5, 3], null]);
  assert.deepEqual([last.start, last.count, done.done, done.count, done.status], [2, 1, true, 0, null]);
  assert.match(JSON.stringify(verdict.status), /the digit was decided.*\[4,500\]/);
  assert.ok(device.hasMade("r") && !device.hasMade("other") && !("device" in first));
});

test("nobody to compare with: the film is there all the same", async () => {
  const { device, received } = player(() => Promise.reject(new Error("offline")));
  device.begin(begun({ kind: "fork", t: 500 }));
  newest().tell({ start: 0, t: [0], pixels: pictures(5, 6), seconds: 0.26, done: true });
  await later();
  assert.deepEqual(received.at(-1).status.values, [2, "0.3"]); // evaluations, seconds
});

test("what the device cannot do is given back with its reason, and Stop ends it", () => {
  const { device, root, received, given } = player(async () => like(1));
  device.begin(begun());
  newest().tell({ trouble: "fetch" });
  assert.deepEqual(given, [{ settings: { seed: 1 }, trouble: "fetch" }]);
  device.begin(begun());
  root.dispatchEvent(new Event("explorer:stop"));
  assert.ok(received.at(-1).done && /Stopped here/.test(received.at(-1).status));
  const { length } = received;
  newest().tell({ start: 0, t: [5], pixels: pictures(1, 2), seconds: 0.1 });
  assert.equal(received.length, length);
});

test("many futures fill their tiles, at first and at the end", async () => {
  const shown = [];
  const tiles = new EventTarget();
  tiles.addEventListener("explorer:value", (event) => shown.push(/** @type {any} */ (event).detail));
  globalThis.document = /** @type {any} */ ({
    querySelector: (selector) => (selector.startsWith("#there ") ? tiles : null),
  });
  const empty = ["x₇₀₀", "average", "x̂₀"].map((name) => ({ sign: "", name, note: "", n: 0, data: "" }));
  const { device } = player(async (asked) => (assert.equal(asked.length, 4 * SIZE), like(0, 0, 9, 4)));
  device.begin(begun({ kind: "futures", t: 700, into: "there", tiles: empty, sentence: "so far" }));
  newest().tell({ start: 0, t: [5], pixels: pictures(1, 1), guess: pictures(8, 8), seconds: 0.1, done: false });
  assert.deepEqual([shown[0].tiles.map(({ n }) => n), shown[0].sentence], [[1, 0, 1], "so far"]);
  newest().tell({ start: 1, t: [0], pixels: pictures(4, 7), seconds: 0.1, done: true });
  await later();
  assert.deepEqual(
    shown[1].tiles.map(({ n }) => n),
    [1, 1, 1],
  );
  assert.equal(atob(shown[1].tiles[1].data).charCodeAt(0), 6); // of 4 and 7: 5.5, to the even one
  assert.match(JSON.stringify(shown[1].sentence), /The eight look like.*\[4\],9/);
});

test("a rescue fills its last tile, and ends with who won", async () => {
  const [shown, given] = [[], []];
  const tile = { sign: "", name: "", note: "", n: 1, data: btoa("\0".repeat(SIZE)) };
  const value = {
    tiles: [tile, tile, { ...tile, n: 0, data: "" }],
    sentence: "works",
    device: { film: job, bet: true },
  };
  const rescue = () =>
    rescueOnDevice(
      /** @type {any} */ (value),
      async () => like(7, 1),
      (v) => shown.push(v),
      (w) => given.push(w),
    );
  rescue();
  newest().tell({ start: 0, t: [9, 5], pixels: pictures(1, 2), done: false });
  assert.deepEqual(
    [shown[0].tiles[2].n, atob(shown[0].tiles[2].data).charCodeAt(5), shown[0].sentence],
    [1, 2, "works"],
  );
  newest().tell({ start: 2, t: [0], pixels: pictures(3), done: true });
  await later();
  assert.match(JSON.stringify(shown.at(-1).sentence), /It turned into another digit.*You lost your bet/);
  rescue();
  newest().tell({ trouble: "died" });
  await later();
  assert.deepEqual(given, [{ settings: { seed: 1 }, trouble: "died" }]);
});

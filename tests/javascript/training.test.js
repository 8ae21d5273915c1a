// How a training shares a batch out among its threads, which are played here: each takes its own time for a picture.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Training } from "../../explorer/widgets/device/training.js";
import { packTraining } from "../../explorer/widgets/device/training_step.js";

const HEAD = { batch: 16, pictures: 2, weights: {}, fitted: {}, rise: [1], fall: [1, 1], decays: [0] };
const NOTHING = new Uint8Array(0);
const file = packTraining({ head: HEAD, gradient: NOTHING, update: NOTHING });
const data = { seed: 0, pictures: new Uint8Array(784), labels: new Uint8Array(1) };
const STEPS = 12;

// Answers at once, and tells how long it would have taken.
class Played {
  constructor(secondsOfPicture) {
    this.secondsOfPicture = secondsOfPicture;
    this.shares = [];
    this.moves = 0;
    this.closed = false;
  }

  postMessage({ id, share, sum }) {
    queueMicrotask(() =>
      this.onmessage({ data: { id, ...(share ? this.#computed(share) : { seconds: 0 }), moved: true } }),
    );
    if (sum) this.moves += 1;
  }

  #computed([first, end]) {
    this.shares.push(end - first);
    const errors = Array.from({ length: end - first }, (_, k) => first + k);
    return { errors, t: errors, seconds: this.secondsOfPicture * (end - first), gradient: Float32Array.of(1) };
  }

  terminate() {
    this.closed = true;
  }
}

async function trained(...secondsOfPicture) {
  const threads = secondsOfPicture.map((each) => new Played(each));
  const waiting = [...threads];
  const training = await Training.open({ file, threads: threads.length, startWorker: () => waiting.shift() });
  await training.begin(data);
  const everyone = Array.from({ length: HEAD.batch }, (_, k) => k);
  for await (const { errors } of training.steps({ steps: STEPS })) assert.deepEqual(errors, everyone);
  return { threads, shares: threads.map((thread) => thread.shares.at(-1)), training };
}

test("threads of about the same speed have the same share", async () => {
  assert.deepEqual((await trained(0.01, 0.011)).shares, [8, 8]);
});

test("a thread of half the speed has half as much", async () => {
  const { threads, shares } = await trained(0.02, 0.01);
  assert.deepEqual(shares, [6, 10]);
  assert.equal(threads[0].shares[0], 8); // before anything was known
});

test("whoever would only be waited for is let go, when its speed is known; at the end all are", async () => {
  const { threads, training } = await trained(0.01, 0.5, 0.01);
  assert.deepEqual(
    threads.map(({ closed }) => closed),
    [false, true, false],
  );
  assert.ok(threads[1].moves < STEPS);
  assert.equal(threads[0].moves, STEPS);
  training.close();
  assert.ok(threads.every(({ closed }) => closed));
});

test("more threads than parts", async () => {
  const { threads } = await trained(...Array.from({ length: 11 }, () => 0.01));
  assert.equal(threads.filter(({ closed }) => !closed).length, 8);
});

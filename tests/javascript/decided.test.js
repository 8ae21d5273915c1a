// When a digit was decided, from the forks of its film.

import assert from "node:assert/strict";
import { test } from "node:test";

import { forkVerdict } from "../../explorer/widgets/answers.js";
import { createDecided } from "../../explorer/widgets/decided.js";

/** What is said of a fork at t whose futures are read so. */
const verdict = (t, labels) =>
  forkVerdict(
    t,
    /** @type {any} */ ({
      readings: labels.map((label) => ({ label, votes: 5 })),
    }),
  );

test("the largest t from which all futures agreed", () => {
  const decided = createDecided();
  assert.equal(decided.t, null);
  for (const [t, labels] of [
    [800, [3, 8, 3]],
    [200, [3, 3, 3]],
    [400, [3, 3, 3]],
  ])
    decided.note(decided.film, t, verdict(t, labels));
  assert.equal(decided.t, 400);
});

test("six that agree above an open t prove nothing", () => {
  const decided = createDecided();
  for (const [t, labels] of [
    [700, [3, 3, 3]],
    [500, [3, 5, 3]],
  ])
    decided.note(decided.film, t, verdict(t, labels));
  assert.equal(decided.t, null);
  decided.note(decided.film, 300, verdict(300, [3, 3, 3]));
  assert.equal(decided.t, 300);
});

test("another film is another digit; what is left of the one before, and whatever else is said, does not count", () => {
  const decided = createDecided();
  const before = decided.film;
  decided.note(before, 300, verdict(300, [3, 3, 3]));
  decided.forget();
  assert.equal(decided.t, null);
  decided.note(before, 400, verdict(400, [3, 3, 3]));
  decided.note(decided.film, 500, "Stopped here. What has been made can still be scrubbed.");
  decided.note(decided.film, 500, undefined);
  assert.equal(decided.t, null);
});

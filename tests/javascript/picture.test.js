// A saved picture closes the gaps of what it leaves out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { folding } from "../../explorer/widgets/picture.js";

/** Boxes as the page measures them, from [top, bottom]. */
const boxes = (...rows) => rows.map(([top, bottom]) => /** @type {DOMRect} */ ({ top, bottom, height: bottom - top }));

test("what stands below a gap moves up, what stands beside it does not", () => {
  const folded = folding(boxes([300, 400], [0, 100], [20, 110], [310, 320], [600, 700]));
  assert.equal(folded(0), 0);
  assert.equal(folded(100), 0);
  assert.equal(folded(300), 300 - 110 - 32);
  assert.equal(folded(400), folded(300));
  assert.equal(folded(700), folded(300) + 600 - 400 - 32);
});

test("without a gap nothing moves; nor where nothing is drawn", () => {
  assert.equal(folding(boxes([0, 100], [130, 200]))(200), 0);
  assert.equal(folding([])(50), 0);
});

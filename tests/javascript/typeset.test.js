// Formulas in running text.

import assert from "node:assert/strict";
import { test } from "node:test";

import { piecesOf } from "../../explorer/widgets/typeset.js";

const sign = (letter, hat, below) => ({ letter, hat, below });

test("letters with a hat, with something below, and both", () => {
  assert.deepEqual(piecesOf("from xₜ to x̂₀, and ε̂."), [
    { plain: "from " },
    sign("x", false, "t"),
    { plain: " to " },
    sign("x", true, "0"),
    { plain: ", and " },
    sign("ε", true, ""),
    { plain: "." },
  ]);
  assert.deepEqual(piecesOf("x\u0303₀x₇₀₀, xₜ₋₁, x_T"), [
    sign("x\u0303", false, "0"),
    sign("x", false, "700"),
    { plain: ", " },
    sign("x", false, "t−1"),
    { plain: ", " },
    sign("x", false, "T"),
  ]);
});

test("what is written with letters alone is a word", () => {
  for (const text of ["next, max, 100 x 100", "x at t − 1", "", "fox_Terrier"])
    assert.deepEqual(piecesOf(text), text ? [{ plain: text }] : []);
  assert.deepEqual(piecesOf("√ᾱₜ + σ²"), [
    { plain: "√" },
    sign("ᾱ", false, "t"),
    { plain: " + " },
    sign("σ", false, ""),
    { plain: "²" },
  ]);
});

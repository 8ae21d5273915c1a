// From English sentences to another language's.

import assert from "node:assert/strict";
import { test } from "node:test";

import { createTranslator } from "../../explorer/widgets/translate.js";

const translate = createTranslator({
  Loop: "循环",
  noise: "噪声",
  "picture {0} of {1}": "共 {1} 张，第 {0} 张",
  "{0} left": "还剩 {0}",
  "{0} images left": "还剩 {0} 张图",
  "The end.": "完。",
});

test("a text that is known, with its outer spaces", () => {
  assert.equal(translate("  Loop\n"), "  循环\n");
});

test("what varies may change places", () => {
  assert.equal(translate("picture 3 of 251"), "共 251 张，第 3 张");
});

test("the most particular sentence wins", () => {
  assert.equal(translate("7 images left"), "还剩 7 张图");
  assert.equal(translate("7 s left"), "还剩 7 s");
});

test("facts in a row only if all of them are known", () => {
  assert.equal(translate("Loop · 7 s left"), "循环 · 还剩 7 s");
  assert.equal(translate("Loop · something else"), null);
});

test("what is unknown, a number or a formula stays", () => {
  for (const text of ["nobody knows this", "3.14", "", "x"]) assert.equal(translate(text), null);
});

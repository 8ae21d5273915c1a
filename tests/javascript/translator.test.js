// From English texts to another language's.

import assert from "node:assert/strict";
import { test } from "node:test";

import { say, sayAll } from "../../explorer/widgets/languages.js";
import { createSay } from "../../explorer/widgets/translate.js";

const sayInChinese = createSay({
  Loop: "循环",
  noise: "噪声",
  nothing: "空白",
  "nothing about it": "什么都不告诉",
  ", ": "、",
  "picture {0} of {1}": "共 {1} 张，第 {0} 张",
  "{0} is told {1}": "告诉{0}：{1}",
});

test("a text that is known; what is unknown stays English", () => {
  assert.equal(sayInChinese("Loop"), "循环");
  assert.equal(sayInChinese("nobody knows {0}", "Loop"), "nobody knows 循环");
});

test("values may change places", () => {
  assert.equal(sayInChinese("picture {0} of {1}", 3, 251), "共 251 张，第 3 张");
  assert.equal(sayInChinese({ text: "picture {0} of {1}", values: [3, 251] }), "共 251 张，第 3 张");
});

test("values are texts with values, and rows of them, too", () => {
  const told = { text: "{0} is told {1}", values: ["noise", { text: "picture {0} of {1}", values: ["1", "2"] }] };
  assert.equal(sayInChinese(told), "告诉噪声：共 2 张，第 1 张");
  assert.equal(sayInChinese("{0} is told {1}", ["noise", 7, "x"], ""), "告诉噪声、7、x：");
});

test("the same word in two senses is two texts", () => {
  assert.equal(sayInChinese("{0} is told {1}", "nothing", "nothing about it"), "告诉空白：什么都不告诉");
});

test("a value that looks like a place, or like a pattern, is put in as it is", () => {
  assert.equal(sayInChinese("picture {0} of {1}", "{1}", "$&"), "共 $& 张，第 {1} 张");
  assert.equal(sayInChinese("toString"), "toString");
});

test("without a page everything is English", () => {
  assert.equal(say("picture {0} of {1}", 3, 251), "picture 3 of 251");
  assert.equal(sayAll(say("{0} left", 2), "", "The end."), "2 left The end.");
});

// torch's random numbers in JavaScript. What is expected was printed by torch 2.13.0.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Generator } from "../../explorer/widgets/device/randn.js";

const FIRST = [
  -0.07664429, 0.3598815, -0.7820168, 0.07152773, 1.046023, 0.522187, -0.1668092, 0.0530334, 0.4046071, 0.6112996,
  0.7603904, -0.03364326, 0.9979224, 0.4591804, 2.436397, -0.1468082, 0.485114, 0.2052344, 0.3384282, 1.352754,
];
const SECOND = [
  0.03706688, -0.06768559, 0.429033, -0.8681192, 0.6197021, 1.909698, -1.578064, 0.5071301, 0.2030123, -0.2044228,
  -0.4121379, 0.6873754, 0.6238452, 1.143611, -0.1214367, 0.6263992, -1.954093, -1.221632, -0.3304183, -0.4243016,
];

const near = (got, wanted) => wanted.forEach((value, i) => assert.ok(Math.abs(got[i] - value) < 1e-6, `${got[i]}`));

test("a fresh generator gives the Mersenne twister's numbers", () => {
  const generator = new Generator(5489); // the seed of the authors' own listing
  assert.deepEqual([generator.bits(), generator.bits()], [3499211612, 581869302]);
});

test("randn(20), twice from one seed: also where the length is no multiple of 16", () => {
  const generator = new Generator(3);
  near(generator.normal(20), FIRST);
  near(generator.normal(20), SECOND);
});

test("of a long seed the lowest 32 bits count, as in torch", () => {
  assert.deepEqual(new Generator(2 ** 40 + 7).normal(16), new Generator(7).normal(16));
});

test("fewer than 16 are refused", () => {
  assert.throws(() => new Generator(0).normal(15), RangeError);
});

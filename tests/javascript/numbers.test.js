// What Python sends, and how it becomes grey levels.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bytesOf, clamp, floatsOf, restingNoise, toGrey } from "../../explorer/widgets/numbers.js";

test("-1 is black, 1 is white, and what lies outside is clipped", () => {
  assert.deepEqual([-1, 0, 1, -7, 7].map(toGrey), [0, 128, 255, 0, 255]);
  assert.deepEqual([clamp(5, 0, 3), clamp(-5, 0, 3), clamp(2, 0, 3)], [3, 0, 2]);
});

test("base64 becomes bytes and little-endian float32", () => {
  const floats = Float32Array.of(0, -1, 0.5, 3e38);
  const text = Buffer.from(floats.buffer).toString("base64");
  assert.deepEqual(floatsOf(text), floats);
  assert.deepEqual(bytesOf(Buffer.from([0, 255, 7]).toString("base64")), Uint8Array.of(0, 255, 7));
});

test("resting noise is normal, and the same at every visit", () => {
  const noise = restingNoise(20_000, 3);
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length;
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(variance - 1) < 0.05, `${mean}, ${variance}`);
  assert.deepEqual(restingNoise(5, 3), noise.slice(0, 5));
  assert.notDeepEqual(restingNoise(5, 4), noise.slice(0, 5));
});

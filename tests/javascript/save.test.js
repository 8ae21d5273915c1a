// The animation's frames: made from the film's numbers, with names and a clock that can be read.

import assert from "node:assert/strict";
import { test } from "node:test";

import { write } from "../../explorer/widgets/glyphs.js";
import { gifSize, greyFrame } from "../../explorer/widgets/save.js";

const filmOf = (n, strips = ["x_t", "x0_hat", "eps_hat"]) => {
  const size = n * 784;
  const frames = Uint8Array.from({ length: 2 * strips.length * size }, (_, i) => (i * 7) % 251);
  return { n, h: 28, w: 28, strips, size, frames, times: [1000, 0] };
};

test("one picture fills its strip, each pixel four times four", () => {
  const film = filmOf(1);
  const [width, height] = gifSize(film);
  const grey = greyFrame(film, 1);
  assert.deepEqual([width, height, grey.length], [368, 160, 368 * 160]);
  for (const [s, y, x] of [
    [0, 0, 0],
    [1, 111, 111],
    [2, 57, 30],
  ]) {
    const pixel = film.frames[(3 + s) * 784 + Math.floor(y / 4) * 28 + Math.floor(x / 4)];
    assert.equal(grey[(24 + y) * width + 8 + s * 120 + x], pixel);
  }
});

test("sixteen pictures stand in a grid with black between them", () => {
  const film = filmOf(16, ["x_t"]);
  film.frames.fill(200);
  const [width] = gifSize(film);
  const grey = greyFrame(film, 0);
  const row = Array.from(grey.slice(30 * width + 8, 30 * width + 120));
  assert.equal(row.filter((level) => level === 200).length + row.filter((level) => level === 0).length, 112);
  assert.equal(row.join().split("0,200").length >= 3, true);
});

test("pictures in two rows leave the rest of the square black", () => {
  const film = filmOf(8, ["x_t"]);
  film.frames.fill(200);
  const [width] = gifSize(film);
  const rows = Array.from({ length: 112 }, (_, y) => greyFrame(film, 0)[(24 + y) * width + 8]);
  assert.ok(rows.includes(200) && rows[111] === 0);
});

test("names and clock differ from each other, and stay inside of their places", () => {
  const drawn = (text) => {
    const grey = new Uint8Array(112 * 20);
    write(grey, 112, text, 0, 0);
    return grey;
  };
  const texts = ["x_t", "x0_hat", "eps_hat", "t = 1000", ..."0123456789"].map(drawn);
  for (const [i, one] of texts.entries()) {
    assert.ok(one.some((level) => level === 255));
    for (const other of texts.slice(i + 1)) assert.notDeepEqual(one, other);
  }
  assert.equal(drawn("t = 1000").length, 112 * 20); // nothing was written past the end
});

test("who draws is written below, where it is not the pretrained network", () => {
  const film = { ...filmOf(1), tag: "own network 1234" };
  const [width, height] = gifSize(film);
  assert.equal(height, gifSize(filmOf(1))[1] + 14);
  const line = greyFrame(film, 1).subarray((height - 34) * width, (height - 25) * width);
  assert.ok(line.filter((level) => level === 255).length > 16 * 6);
  assert.equal(greyFrame({ ...film, tag: "" }, 1).length, width * gifSize(filmOf(1))[1]);
});

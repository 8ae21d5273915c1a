// The files that the page makes: read back by small readers that know only the formats' specifications.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";

import { encodeGif } from "../../explorer/widgets/gif.js";
import { encodeNpz } from "../../explorer/widgets/npz.js";

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

// The frames of a GIF whose pictures fill the screen (GIF89a): [{ delay, pixels }].
function framesOf(bytes) {
  const word = (at) => bytes[at] | (bytes[at + 1] << 8);
  assert.equal(String.fromCharCode(...bytes.slice(0, 6)), "GIF89a");
  let at = 13 + 3 * 2 ** ((bytes[10] & 7) + 1);
  const frames = [];
  let delay = 0;
  const blocks = () => {
    const data = [];
    for (let size = bytes[at++]; size; size = bytes[at++]) {
      data.push(...bytes.slice(at, at + size));
      at += size;
    }
    return data;
  };
  for (;;) {
    const kind = bytes[at++];
    if (kind === 0x3b) return frames;
    if (kind === 0x21) {
      const label = bytes[at++];
      if (label === 0xf9) delay = word(at + 2);
      blocks();
    } else {
      assert.equal(kind, 0x2c);
      at += 9;
      const least = bytes[at++];
      frames.push({ delay, pixels: unpack(blocks(), least) });
    }
  }
}

function unpack(data, least) {
  const clear = 1 << least;
  const pixels = [];
  let [bits, held, width, at] = [0, 0, least + 1, 0];
  let table = [];
  let before = null;
  for (;;) {
    while (held < width) {
      bits |= data[at++] << held;
      held += 8;
    }
    const code = bits & ((1 << width) - 1);
    bits >>= width;
    held -= width;
    if (code === clear) {
      table = Array.from({ length: clear + 2 }, (_, i) => [i]);
      [width, before] = [least + 1, null];
    } else if (code === clear + 1) {
      return pixels;
    } else {
      const entry = table[code] ?? [...before, before[0]];
      if (before) table.push([...before, entry[0]]);
      pixels.push(...entry);
      before = entry;
      if (table.length === 1 << width && width < 12) width++;
    }
  }
}

test("a GIF gives its frames back", async () => {
  const flat = new Uint8Array(60 * 40).fill(7);
  const busy = Uint8Array.from({ length: 60 * 40 }, (_, i) => (i * i * 31 + i) & 255);
  const frames = framesOf(await bytesOf(encodeGif([flat, busy], 60, 40, 5, 150)));
  assert.deepEqual(
    frames.map(({ delay }) => delay),
    [5, 150],
  );
  assert.deepEqual(frames[0].pixels, [...flat]);
  assert.deepEqual(frames[1].pixels, [...busy]);
});

test("an npz is a zip of npy files with their right sums", async () => {
  const arrays = {
    t: { type: "<i4", shape: [2], data: Int32Array.of(1000, -1) },
    x_t: { type: "|u1", shape: [1, 2, 2], data: Uint8Array.of(1, 2, 3, 4) },
  };
  const bytes = await bytesOf(encodeNpz(arrays));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    assert.equal(view.getUint32(at, true), 0x04034b50);
    const [sum, size, letters] = [
      view.getUint32(at + 14, true),
      view.getUint32(at + 18, true),
      view.getUint16(at + 26, true),
    ];
    const start = at + 30 + letters;
    assert.equal(String.fromCharCode(...bytes.slice(at + 30, start)), `${name}.npy`);
    const file = bytes.slice(start, start + size);
    assert.equal(crc32(file), sum);
    const header = view.getUint16(start + 8, true);
    assert.equal((10 + header) % 64, 0);
    assert.match(
      String.fromCharCode(...file.slice(10, 10 + header)),
      new RegExp(`'shape': \\(${shape.join(", ")},\\)`),
    );
    assert.deepEqual(file.slice(10 + header), new Uint8Array(data.buffer));
    at = start + size;
  }
  assert.equal(view.getUint32(at, true), 0x02014b50);
});

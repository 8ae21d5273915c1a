// Arrays as NumPy's .npz: a zip file, nothing in it compressed, of one .npy file an array.
//   arrays: { name: { type: "|u1" (Uint8Array) or "<i4" (Int32Array), shape: [int], data } }

import { crc32 } from "./crc32.js";

export function encodeNpz(arrays) {
  const word = (value) => [value & 255, (value >>> 8) & 255];
  const long = (value) => [...word(value & 65535), ...word(value >>> 16)];
  const text = (letters) => Array.from(letters, (letter) => letter.charCodeAt(0));
  const files = [],
    directory = [];
  let at = 0;
  for (const [name, array] of Object.entries(arrays)) {
    const file = npy(array),
      title = text(`${name}.npy`);
    const facts = [
      ...word(20),
      ...word(0),
      ...word(0),
      ...long(0x21 << 16),
      ...long(crc32(file)),
      ...long(file.length),
      ...long(file.length),
      ...word(title.length),
      ...word(0),
    ];
    const header = Uint8Array.from([...text("PK\x03\x04"), ...facts, ...title]);
    files.push(header, file);
    directory.push(
      ...text("PK\x01\x02"),
      ...word(20),
      ...facts,
      ...word(0),
      ...word(0),
      ...word(0),
      ...long(0),
      ...long(at),
      ...title,
    );
    at += header.length + file.length;
  }
  const count = word(Object.keys(arrays).length);
  const end = [...text("PK\x05\x06"), 0, 0, 0, 0, ...count, ...count, ...long(directory.length), ...long(at), 0, 0];
  return new Blob([...files, Uint8Array.from([...directory, ...end])], { type: "application/zip" });
}

function npy({ type, shape, data }) {
  const facts = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  const header = facts.padEnd(Math.ceil((facts.length + 11) / 64) * 64 - 11) + "\n";
  const file = new Uint8Array(10 + header.length + data.byteLength);
  file.set([
    0x93,
    ...Array.from("NUMPY", (letter) => letter.charCodeAt(0)),
    1,
    0,
    header.length & 255,
    header.length >> 8,
  ]);
  file.set(
    Array.from(header, (letter) => letter.charCodeAt(0)),
    10,
  );
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return file;
}

// Bytes from letters, as explorer/page/offline/letters.py writes them: 13 bits in two of them.

const BITS = 13;
const VALUES = new Uint8Array(128); // by the letters' codes
let known = 0;
for (let code = 33; code < 127; code++) if (!'<"\\'.includes(String.fromCharCode(code))) VALUES[code] = known++;

/**
 * @param {string} letters
 * @param {number} count of bytes
 */
export function bytesOfLetters(letters, count) {
  const bytes = new Uint8Array(count);
  let held = 0, // bits that have been read and belong to no byte yet
    width = 0;
  for (let at = 0, i = 0; at < count; i += 2) {
    held = (held << BITS) | (VALUES[letters.charCodeAt(i)] * known + VALUES[letters.charCodeAt(i + 1)]);
    for (width += BITS; width >= 8 && at < count; width -= 8) bytes[at++] = held >> (width - 8);
    held &= (1 << width) - 1;
  }
  return bytes;
}

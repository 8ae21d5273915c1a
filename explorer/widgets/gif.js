// An animated GIF of grey frames, after the GIF89a specification: a palette of 256 greys, and each frame's pixels
// packed by LZW.   frames: Uint8Arrays of width * height grey levels; delay: hundredths of a second a frame; hold: the
// same for the last

export function encodeGif(frames, width, height, delay, hold) {
  const word = (value) => [value & 255, value >> 8];
  const text = (letters) => Array.from(letters, (letter) => letter.charCodeAt(0));
  const palette = Array.from({ length: 256 }, (_, grey) => [grey, grey, grey]).flat();
  const parts = [
    text("GIF89a"),
    word(width),
    word(height),
    [0xf7, 0, 0],
    palette,
    [0x21, 0xff, 11],
    text("NETSCAPE2.0"),
    [3, 1, 0, 0, 0], // repeat for ever
  ].map((bytes) => Uint8Array.from(bytes));
  frames.forEach((grey, i) => {
    const pause = i === frames.length - 1 ? hold : delay;
    parts.push(
      Uint8Array.from([0x21, 0xf9, 4, 0, ...word(pause), 0, 0, 0x2c, 0, 0, 0, 0, ...word(width), ...word(height), 0]),
      lzw(grey),
    );
  });
  parts.push(Uint8Array.of(0x3b));
  return new Blob(parts, { type: "image/gif" });
}

// Codes are as wide as the largest one needs, 9 to 12 bits, least significant bit first, in blocks of up to 255 bytes.
function lzw(pixels) {
  const CLEAR = 256,
    END = 257,
    MOST = 4096;
  const out = [8],
    block = [];
  let bits = 0,
    held = 0,
    width = 9,
    next = END + 1,
    table = new Map();

  const flush = () => {
    if (block.length) out.push(block.length, ...block.splice(0));
  };
  const byte = (value) => {
    if (block.push(value) === 255) flush();
  };
  const emit = (code) => {
    bits |= code << held;
    for (held += width; held >= 8; held -= 8, bits >>= 8) byte(bits & 255);
  };

  emit(CLEAR);
  let prefix = pixels[0];
  for (let i = 1; i < pixels.length; i++) {
    const longer = prefix * 256 + pixels[i];
    if (table.has(longer)) {
      prefix = table.get(longer);
      continue;
    }
    emit(prefix);
    if (next < MOST) {
      if (next === 1 << width) width++;
      table.set(longer, next++);
    } else {
      emit(CLEAR);
      table = new Map();
      next = END + 1;
      width = 9;
    }
    prefix = pixels[i];
  }
  emit(prefix);
  emit(END);
  if (held > 0) byte(bits & 255);
  flush();
  out.push(0);
  return Uint8Array.from(out);
}

// Letters as dots, for pictures that are made from numbers alone: what a browser reads back from a canvas on which it
// has drawn a text may be noise, or nothing. Only the letters that a film's names, its clock and who draws it need.

const WIDTH = 5; // dots of a letter; it has seven rows above the line, and two below it where it needs them

const GLYPHS = {
  0: "01110 10001 10011 10101 11001 10001 01110",
  1: "00100 01100 00100 00100 00100 00100 01110",
  2: "01110 10001 00001 00110 01000 10000 11111",
  3: "01110 10001 00001 00110 00001 10001 01110",
  4: "00010 00110 01010 10010 11111 00010 00010",
  5: "11111 10000 11110 00001 00001 10001 01110",
  6: "00110 01000 10000 11110 10001 10001 01110",
  7: "11111 00001 00010 00100 01000 01000 01000",
  8: "01110 10001 10001 01110 10001 10001 01110",
  9: "01110 10001 10001 01111 00001 00010 01100",
  "=": "00000 00000 11111 00000 11111 00000 00000",
  _: "00000 00000 00000 00000 00000 00000 11111",
  a: "00000 00000 01110 00001 01111 10001 01111",
  c: "00000 00000 01111 10000 10000 10000 01111",
  e: "00000 00000 01110 10001 11111 10000 01110",
  f: "00110 01000 11100 01000 01000 01000 01000",
  g: "00000 00000 01111 10001 10001 01111 00001 00001 01110",
  h: "10000 10000 11110 10001 10001 10001 10001",
  i: "00100 00000 01100 00100 00100 00100 01110",
  k: "10000 10000 10010 10100 11000 10100 10010",
  l: "01100 00100 00100 00100 00100 00100 01110",
  n: "00000 00000 11110 10001 10001 10001 10001",
  o: "00000 00000 01110 10001 10001 10001 01110",
  p: "00000 00000 11110 10001 10001 11110 10000 10000 10000",
  r: "00000 00000 10110 11001 10000 10000 10000",
  s: "00000 00000 01111 10000 01110 00001 11110",
  t: "01000 01000 11110 01000 01000 01001 00110",
  u: "00000 00000 10001 10001 10001 10001 01111",
  w: "00000 00000 10001 10001 10101 10101 01010",
  x: "00000 00000 10001 01010 00100 01010 10001",
};

// Writes a text into grey levels, `width` of them a row, its upper left corner at (x, y): white, each dot `dot` pixels
// large. A letter that there is not leaves its place empty.
export function write(grey, width, text, x, y, dot = 2) {
  [...text].forEach((letter, i) => {
    const rows = GLYPHS[letter]?.split(" ") ?? [];
    rows.forEach((row, down) => {
      for (let right = 0; right < WIDTH; right++) {
        if (row[right] === "1") fill(grey, width, x + dot * (i * (WIDTH + 1) + right), y + dot * down, dot);
      }
    });
  });
}

function fill(grey, width, x, y, side) {
  for (let row = y; row < y + side; row++) grey.fill(255, row * width + x, row * width + x + side);
}

// Formulas in running text, set as mathematics is set. Texts write them in plain letters, x̂₀, xₜ, ε̂, so that they can
// be translated, spoken and sent like any other; there is no small T below the line, hence x_T.

const BELOW = "₀₁₂₃₄₅₆₇₈₉₋ₜ",
  PLAIN = "0123456789−t";
const HAT = "\u0302", // after its letter, which it belongs to; a tilde stays part of it
  TILDE = "\u0303";
const FORMULA = new RegExp(
  `(?<![A-Za-z])(?:(x${TILDE}?)(${HAT}?)([${BELOW}]+|_T(?![A-Za-z]))|(x)(${HAT})|([εᾱσβ])(${HAT}?)([${BELOW}]*))`,
  "gu",
);
const LEFT_ALONE = "i, sub, option, title, textarea, script, style, svg, [data-part=choice]"; // some are set already

/**
 * @param {string} text
 * @returns {({ plain: string } | { letter: string, hat: boolean, below: string })[]} its pieces, in their order
 */
export function piecesOf(text) {
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(FORMULA)) {
    const [letter, hat, below] = found[1] ? found.slice(1, 4) : found[4] ? [...found.slice(4, 6), ""] : found.slice(6);
    if (found.index > end) pieces.push({ plain: text.slice(end, found.index) });
    const small = below.replace("_", "").replace(/[^T]/gu, (sign) => PLAIN[BELOW.indexOf(sign)]);
    pieces.push({ letter, hat: hat !== "", below: small });
    end = found.index + found[0].length;
  }
  if (end < text.length) pieces.push({ plain: text.slice(end) });
  return pieces;
}

/** @param {{ letter: string, hat: boolean, below: string }} piece */
function formulaOf({ letter, hat, below }) {
  const formula = document.createElement("i");
  formula.className = "formula";
  if (hat) {
    const hatted = document.createElement("i");
    hatted.className = "hat";
    hatted.textContent = letter;
    formula.append(hatted);
  } else formula.append(letter);
  if (below) {
    const small = document.createElement("sub");
    small.textContent = below;
    formula.append(small);
  }
  return formula;
}

// What stands on the page in place of a text node's own words. The node stays where it is, empty: whoever has made it
// may give it other words.
/** @type {WeakMap<Text, HTMLElement>} */
const shown = new WeakMap();

/** Set the formulas in this text node, once more after each change of its words. @param {Text} node */
export function typeset(node) {
  if (!node.data) return;
  shown.get(node)?.remove();
  shown.delete(node);
  if (!node.data.includes("x_T") && !/[\u0302εᾱσβ₀-₉ₜ]/u.test(node.data)) return;
  if (!node.parentElement || node.parentElement.closest(LEFT_ALONE)) return;
  const pieces = piecesOf(node.data);
  if (pieces.every((piece) => "plain" in piece)) return;
  const words = document.createElement("bdi"); // an element that no rule of the page dresses
  words.append(...pieces.map((piece) => ("plain" in piece ? piece.plain : formulaOf(piece))));
  shown.set(node, words);
  node.after(words);
  node.data = "";
}

/** Of a text node that has been taken away: what stood in its place goes too. @param {Node} node */
export function forget(node) {
  const words = node instanceof Text ? shown.get(node) : undefined;
  if (words && !node.isConnected) words.remove();
}

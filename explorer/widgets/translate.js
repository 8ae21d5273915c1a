// From English sentences to those of a dictionary, whose keys may have places {0}, {1} ... for what varies.

export function createTranslator(dictionary) {
  const escape = (text) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  const patterns = Object.keys(dictionary)
    .filter((key) => key.includes("{0}"))
    .map((key) => {
      const parts = key.split(/\{(\d)\}/); // text, number, text, number ... text
      const order = parts.filter((_, i) => i % 2).map(Number);
      return {
        shape: new RegExp("^" + parts.map((part, i) => (i % 2 ? "(.+?)" : escape(part))).join("") + "$", "s"),
        order,
        to: dictionary[key],
        fixed: key.length,
      };
    })
    .sort((a, b) => b.fixed - a.fixed); // the most particular first

  function byPattern(text) {
    for (const { shape, order, to } of patterns) {
      const found = shape.exec(text);
      if (found) return to.replace(/\{(\d)\}/g, (_, number) => varying(found[1 + order.indexOf(Number(number))]));
    }
    return null;
  }

  // What fills a place: a text, a list of texts, or a name or number, which stays.
  const varying = (text) =>
    whole(text) ??
    text
      .split(", ")
      .map((item) => dictionary[item] ?? item)
      .join(", ");
  const whole = (text) => dictionary[text] ?? byPattern(text);

  // Several sentences, or facts in a row; only if all of them are known.
  function inParts(text, apart, joint) {
    const parts = text.split(apart),
      said = parts.length > 1 ? parts.map(whole) : [null];
    return said.includes(null) ? null : said.join(joint);
  }

  const translated = (text) =>
    dictionary[text] ?? inParts(text, " · ", " · ") ?? inParts(text, /(?<=[.?]) /, "") ?? byPattern(text);

  const known = new Map(); // the same sentences come again and again

  // The translation of a text, its outer spaces kept; null if there is none.
  return (text) => {
    const core = text.trim().replace(/\s+/g, " ");
    if (!/[A-Za-zᾱε]{2}/.test(core) || core.length > 2000) return null;
    if (!known.has(core)) {
      if (known.size > 5000) known.clear();
      known.set(core, translated(core));
    }
    const said = known.get(core);
    return said === null ? null : text.match(/^\s*/)[0] + said + text.match(/\s*$/)[0];
  };
}

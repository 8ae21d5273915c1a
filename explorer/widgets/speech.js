// What is drawn rather than written, in the page's language.

let say = (text) => text;

// The language switch says how: a function from English to the chosen language.
export function speakBy(translate) {
  say = translate;
}

export const spoken = (text) => say(text);

// For screen readers: the latest sentence, and never more than one in `pause` milliseconds.
export function createAnnouncer(region, pause = 2000) {
  let latest = "",
    timer = null;
  return (sentence) => {
    latest = sentence;
    timer ??= setTimeout(() => {
      region.textContent = latest;
      timer = null;
    }, pause);
  };
}

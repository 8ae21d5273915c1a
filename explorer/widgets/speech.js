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

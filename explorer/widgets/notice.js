// One line over the page about its connection, which comes and goes without moving anything.

let line = null;

/** Say this; nothing takes the line away. */
export function tell(text) {
  if (!line) {
    line = document.createElement("p");
    line.className = "explorer-notice";
    line.setAttribute("role", "status");
  }
  if (!line.isConnected) document.body.append(line);
  line.textContent = text;
  line.hidden = !text;
}

/** Say these sentences until the viewer has read them. */
export function tellOnce(sentences) {
  const box = document.createElement("div"),
    text = document.createElement("div"),
    close = document.createElement("button");
  box.className = "explorer-notice";
  box.setAttribute("role", "alert");
  close.textContent = "✕";
  close.type = "button";
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", () => box.remove());
  text.append(...sentences.map((sentence) => Object.assign(document.createElement("p"), { textContent: sentence })));
  box.append(text, close);
  document.body.append(box);
}

// Workers of a page that is a file: nothing can be loaded by an address there, so a worker begins with all that it needs.

import { filesInside } from "./inside.js";

const FOR_WORKERS = /^explorer-models\/|\.wasm$/;

/** From now on, whoever starts a worker gets one that is made of the page's own text. */
export function workInside() {
  const Outside = window.Worker;
  window.Worker = class extends Outside {
    constructor() {
      const files = Object.entries(filesInside()).filter(([name]) => FOR_WORKERS.test(name));
      const script = document.getElementById("worker").textContent;
      const parts = [`globalThis.explorerFiles = ${JSON.stringify(Object.fromEntries(files))};\n`, script];
      const address = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
      super(address);
      this.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
    }
  };
}

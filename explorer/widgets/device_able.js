// Whether this device can compute films: a browser with WebAssembly, its 128-bit vectors, and workers that are modules.

// The smallest module that holds a vector instruction: i8x16.splat.
const VECTORS = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11],
);

let broken = false; // it has tried, and could not

/** Not to be tried again by itself on this page; its viewer may still ask for it. */
export function noteBroken() {
  broken = true;
}

/** Whether this browser has all that is needed. */
export function deviceCan() {
  try {
    return typeof Worker === "function" && WebAssembly.validate(VECTORS);
  } catch {
    return false; // no WebAssembly at all, or it is forbidden here
  }
}

/** Whether it is worth a try, unasked. */
export const deviceAble = () => !broken && deviceCan();

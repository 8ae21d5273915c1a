// From one widget of this page to another, without the server.

/** @typedef {{ key: string, guesser: import("./payload_types.js").Guesser }} FromDevice */

const [VALUE, GUESSER, SEEK] = ["explorer:value", "explorer:guesser", "explorer:seek"];

// to the component of this id
function send(name, id, detail) {
  document.querySelector(`#${id} [data-widget]`)?.dispatchEvent(new CustomEvent(name, { detail }));
}

function receive(name, root, listener) {
  root.addEventListener(name, (event) => listener(event.detail));
}

/** A value, as if it came from Python. @param {string} id @param {object} value */
export function deliver(id, value) {
  send(VALUE, id, value);
}

/** @param {Element} root @param {(value: any) => void} listener */
export function receiveDelivered(root, listener) {
  receive(VALUE, root, listener);
}

/** Stand at this t: a view is opened again, whose values are those that the player has. @param {string} id */
export function tellSeek(id, t) {
  send(SEEK, id, t);
}

/** @param {Element} root @param {(t: number) => void} listener */
export function receiveSeek(root, listener) {
  receive(SEEK, root, listener);
}

/** The network among the guessers, which this device has asked. @param {string} id @param {FromDevice} found */
export function tellGuesser(id, found) {
  send(GUESSER, id, found);
}

/** @param {Element} root @param {(found: FromDevice) => void} listener */
export function receiveGuesser(root, listener) {
  receive(GUESSER, root, listener);
}

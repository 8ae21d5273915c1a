// From one widget of this page to another, without the server.

/** @template T @typedef {(root: Element, listener: (detail: T) => void) => void} Receive */

/** How what is sent by `send(id, detail)`, to the component of this id, is received by `receive(root, listener)`. */
function channel(name) {
  return {
    send(id, detail) {
      document.querySelector(`#${id} [data-widget]`)?.dispatchEvent(new CustomEvent(name, { detail }));
    },
    receive(root, listener) {
      root.addEventListener(name, (event) => listener(event.detail));
    },
  };
}

// a value, as if it came from Python
/** @type {{ send: (id: string, value: object) => void, receive: Receive<any> }} */
const values = channel("explorer:value");
export const { send: deliver, receive: receiveDelivered } = values;

// the network among the guessers, which this device has asked
/** @typedef {{ key: string, guesser: import("./payload_types.js").Guesser }} FromDevice */
/** @type {{ send: (id: string, found: FromDevice) => void, receive: Receive<FromDevice> }} */
const guessers = channel("explorer:guesser");
export const { send: tellGuesser, receive: receiveGuesser } = guessers;

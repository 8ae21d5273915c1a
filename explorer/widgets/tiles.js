// Tiles: a row of captioned pictures. The row is built again only where its captions have changed.

import { receiveDelivered } from "./deliver.js";
import { rescueOnDevice } from "./device_rescue.js";
import { say } from "./languages.js";
import { bytesOf, toBase64 } from "./numbers.js";
import { drawGrid } from "./pictures.js";
import { SURVIVED, TURNED } from "./shared_texts.js";
import { tellTruths } from "./truths.js";
import { equip } from "./widget.js";

/** @import { Tile, TilesValue } from "./payload_types.js" */

export function mount({ element, props, trigger, server }) {
  const { part, root } = equip(element);

  let captions = null;
  let sentence = /** @type {any} */ (""); // as it was told
  const says = (text) => JSON.stringify(sentence).includes(text);
  tellTruths(root, { survive: () => (says(SURVIVED) ? 0 : says(TURNED) ? 1 : null) }); // the choices' numbers

  function make(tag, text, name = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  }

  /** @param {Tile} tile */
  function figureOf({ name, note, n }) {
    const figure = document.createElement("figure"),
      caption = document.createElement("figcaption");
    caption.append(make("b", say(name)), make("span", say(note)));
    const picture = n > 0 ? document.createElement("canvas") : make("div", "?", "to-come");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", say("{0}: {1}", name, n > 0 ? note : "still to come"));
    figure.append(caption, picture);
    return figure;
  }

  let running = null; // what this device computes

  /** @param {TilesValue} value from Python, or from this device for another widget */
  function receive(value) {
    running?.cancel();
    running = null;
    show(value);
    if (!value?.device) return;
    running = rescueOnDevice(
      value,
      (pictures) => server.likeness({ pictures: toBase64(pictures) }),
      show,
      (wish) => trigger("take_over", wish),
    );
  }

  /** @param {TilesValue} value */
  function show(value) {
    const tiles = value?.tiles ?? [];
    const now = JSON.stringify(tiles.map(({ data, ...caption }) => caption));
    if (now !== captions) {
      captions = now;
      part("row").replaceChildren(
        ...tiles.flatMap((tile) => (tile.sign ? [make("span", tile.sign, "sign"), figureOf(tile)] : [figureOf(tile)])),
      );
    }
    const canvases = part("row").querySelectorAll("canvas");
    tiles.filter(({ n }) => n > 0).forEach(({ data, n }, i) => drawGrid(canvases[i], bytesOf(data), n));
    sentence = value?.sentence ?? "";
    const words = say(sentence);
    if (part("sentence").textContent !== words) part("sentence").textContent = words;
    root.dataset.tiles = tiles.length;
  }
  // Gradio is to know of it too: else a value of its own that equals its last one would not be seen.
  receiveDelivered(root, (value) => {
    props.value = value;
    receive(value);
  });
  return receive;
}

// Long way and short way side by side. The server has walked both; which stop is shown is the browser's.

import { COPIES, COPIES_SHOWN } from "./constants.js";
import { createHistogram } from "./histogram.js";
import { say, sayAll } from "./languages.js";
import { PIXELS, bytesOf, restingNoise, toGrey } from "./numbers.js";
import { drawGrey, drawGrid } from "./pictures.js";
import { equip } from "./widget.js";

/** @import { TwoWaysValue, Way } from "./payload_types.js" */

export function mount({ element }) {
  const widget = equip(element);
  const { createTransport, part, root } = widget;

  const NAMES = ["steps", "jump"],
    COLUMNS = 4;
  const shows = Object.fromEntries(
    NAMES.map((name) => [name, (what) => root.querySelector(`[data-way="${name}"] [data-show="${what}"]`)]),
  );
  /** @typedef {{ pictures: Uint8Array, mean: Uint8Array, variance: Uint8Array }} Decoded */
  /** @type {Omit<TwoWaysValue, "ways"> & { ways: (Omit<Way, keyof Decoded> & Decoded)[] } | null} */
  let walk = null; // the latest value, with its pictures decoded

  const drawHistogram = createHistogram(widget, part("histogram"), () =>
    walk ? walk.ways.map((way) => way.density[transport.index]) : [],
  );

  const figure = (value) => value.toFixed(2).replace("-", "−");

  function show(index) {
    if (!walk) return;
    const t = walk.t[index],
      [steps, jump] = walk.ways;
    for (const way of walk.ways) {
      const find = shows[way.name];
      drawGrid(
        find("pictures"),
        way.pictures.subarray(index * COPIES_SHOWN * PIXELS, (index + 1) * COPIES_SHOWN * PIXELS),
        COPIES_SHOWN,
        COLUMNS,
      );
      find("pictures").setAttribute(
        "aria-label",
        say(
          "{0} of {1} copies at t = {2}, by {3}",
          COPIES_SHOWN,
          COPIES,
          t,
          way.name === "steps" ? say("{0} steps", t) : say("one jump"),
        ),
      );
      for (const [what, words, label] of [
        ["mean", say("mean {0}", figure(way.means[index])), say("Each pixel's mean over the {0} copies", COPIES)],
        [
          "variance",
          say("variance {0}", figure(way.variances[index])),
          say("Each pixel's variance over the {0} copies", COPIES),
        ],
      ]) {
        drawGrey(find(what).getContext("2d"), way[what].subarray(index * PIXELS, (index + 1) * PIXELS));
        find(what).setAttribute("aria-label", label);
        find(`${what}-figure`).textContent = words;
      }
    }
    part("t").textContent = t;
    part("steps-name").textContent =
      t > 1 ? say("{0} small steps, each with fresh noise", t) : say("{0} small step, each with fresh noise", t);
    const [long, short] = [steps, jump].map((way) => way.variances[index].toFixed(2));
    part("sentence").textContent = sayAll(
      say(
        "The pixels differ (by {0} on average), the distribution is the same: variance {1} and {2}, by the formula " +
          "{3} = {4}.",
        walk.apart[index].toFixed(2),
        long,
        short,
        walk.formula,
        walk.expected[index].toFixed(2),
      ),
      say("So training may jump to any t at once."),
    );
    drawHistogram();
    root.dataset.t = t;
  }

  const transport = createTransport({ show, describe: (index) => (walk ? `t = ${walk.t[index]}` : "") });
  for (const unused of ["reverse", "live"]) part(unused).hidden = true;
  part("scrub").setAttribute("aria-label", say("Timestep t: how far both ways have come"));

  /** @param {TwoWaysValue} value */
  function receive(value) {
    if (!value?.ways) return;
    const isFirst = !walk;
    const ways = value.ways.map((way) => ({
      ...way,
      pictures: bytesOf(way.pictures),
      mean: bytesOf(way.mean),
      variance: bytesOf(way.variance),
    }));
    walk = { ...value, ways };
    root.dataset.state = "ready";
    part("scrub-start").textContent = `t = ${walk.t[0]}`;
    part("scrub-end").textContent = `t = ${walk.t.at(-1)}`;
    transport.setLast(walk.t.length - 1);
    if (isFirst) transport.seek(Math.floor(walk.t.length / 4));
    transport.redraw();
  }

  function rest() {
    for (const [way, name] of NAMES.entries()) {
      drawGrid(
        shows[name]("pictures"),
        Uint8Array.from(restingNoise(COPIES_SHOWN * PIXELS, 1 + way), toGrey),
        COPIES_SHOWN,
        COLUMNS,
      );
      shows[name]("mean").setAttribute("aria-label", say("Place of the mean"));
      shows[name]("variance").setAttribute("aria-label", say("Place of the variance"));
    }
  }

  rest();
  return receive;
}

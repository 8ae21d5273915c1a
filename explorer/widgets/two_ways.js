// Long way and short way side by side. The server has walked both; which stop is shown is the browser's.

import { COPIES, COPIES_SHOWN } from "./constants.js";
import { createHistogram } from "./histogram.js";
import { PIXELS, bytesOf, restingNoise, toGrey } from "./numbers.js";
import { drawGrey, drawGrid } from "./pictures.js";
import { equip } from "./widget.js";

export function mount({ element }) {
  const widget = equip(element);
  const { createTransport, part, root } = widget;

  const NAMES = ["steps", "jump"],
    COLUMNS = 4;
  const shows = Object.fromEntries(
    NAMES.map((name) => [name, (what) => root.querySelector(`[data-way="${name}"] [data-show="${what}"]`)]),
  );
  let walk = null; // the latest value, with its pictures decoded

  const drawHistogram = createHistogram(widget, part("histogram"), () =>
    walk ? walk.ways.map((way) => way.density[transport.index]) : [],
  );

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
        `${COPIES_SHOWN} of ${COPIES} copies at t = ${t}, by ${way.name === "steps" ? `${t} steps` : "one jump"}`,
      );
      for (const [what, figure] of [
        ["mean", way.means[index]],
        ["variance", way.variances[index]],
      ]) {
        drawGrey(find(what).getContext("2d"), way[what].subarray(index * PIXELS, (index + 1) * PIXELS));
        find(what).setAttribute("aria-label", `Each pixel's ${what} over the ${COPIES} copies`);
        find(`${what}-figure`).textContent = `${what} ${figure.toFixed(2).replace("-", "−")}`;
      }
    }
    part("t").textContent = t;
    part("steps-name").textContent = `${t} small step${t > 1 ? "s" : ""}, each with fresh noise`;
    const [long, short] = [steps, jump].map((way) => way.variances[index].toFixed(2));
    part("sentence").textContent =
      `The pixels differ (by ${walk.apart[index].toFixed(2)} on average), the distribution is the same: ` +
      `variance ${long} and ${short}, ` +
      `by the formula 1 − ᾱ = ${walk.expected[index].toFixed(2)}. So training may jump to any t at once.`;
    drawHistogram();
    root.dataset.t = t;
  }

  const transport = createTransport({ show, describe: (index) => (walk ? `t = ${walk.t[index]}` : "") });
  for (const unused of ["reverse", "live"]) part(unused).hidden = true;
  part("scrub").setAttribute("aria-label", "Timestep t: how far both ways have come");

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
      for (const what of ["mean", "variance"]) shows[name](what).setAttribute("aria-label", `Place of the ${what}`);
    }
  }

  rest();
  return receive;
}

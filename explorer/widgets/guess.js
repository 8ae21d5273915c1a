// The guessing game. Everything is here once the network has answered: t moves, bets are settled and tiles are mixed
// with no server in the loop. What was not bet on stays hidden.

import { SIDE } from "./constants.js";
import { receiveSeek, tellGuesser } from "./deliver.js";
import { guessOnDevice } from "./device_guess.js";
import { createErrorChart } from "./guess_chart.js";
import { offer } from "./keys.js";
import { say, sayAll } from "./languages.js";
import { PIXELS, floatsOf, toGrey } from "./numbers.js";
import { drawGrey } from "./pictures.js";
import { recallInTab, rememberInTab } from "./tab_storage.js";
import { tellTruths } from "./truths.js";
import { equip } from "./widget.js";

/** @import { GuessValue } from "./payload_types.js" */

export function mount({ element, trigger }) {
  const widget = equip(element);
  const { createTransport, tellLink, part, root } = widget;

  const BETS = ["low", "medium", "high"];
  const buttons = [...part("bets").querySelectorAll("button")];
  const contexts = Object.fromEntries(
    [...root.querySelectorAll("[data-tile]")].map((canvas) => [canvas.dataset.tile, canvas.getContext("2d")]),
  );
  const names = {
    x_t: say("x_t, the noisy picture"),
    eps: say("eps, the noise that was mixed in"),
    eps_hat: say("eps_hat, the noise that the network guesses"),
    difference: say("The difference eps - eps_hat"),
    squared: say("The squared error"),
    x_0: say("x_0, the clean picture"),
    x0_hat: say("x0_hat, the picture that the guess implies"),
  };
  /** @typedef {{ x_0: Float32Array, eps: Float32Array, eps_hat?: Float32Array }} Decoded */
  /** @type {Omit<GuessValue, keyof Decoded> & Decoded | null} */
  let game = null; // the latest value, decoded
  let seen = {}; // the bets by index
  let waiting = null; // {bet, index}: a bet made before the network has answered
  let [bets, right] = (recallInTab("bets") ?? "0 0").split(" ").map(Number); // of this visit

  const revealed = (index) => Boolean(game?.error) && (index in seen || part("open").checked);
  const level = (error) => BETS[Number(error > game.bounds[0]) + Number(error > game.bounds[1])];
  const drawCurve = createErrorChart(
    widget,
    part("curve"),
    () =>
      (game?.error ?? []).map((error, i) => ({ t: game.t[i], error, x0_error: game.x0_error[i], seen: revealed(i) })),
    () => game?.T ?? 0,
    () => (game ? game.t[transport.index] : 0),
  );

  // ---- one t on screen ----

  function tiles(index) {
    const signal = game.signal[index],
      noise = game.noise[index];
    const x_t = game.x_0.map((x_0, i) => signal * x_0 + noise * game.eps[i]);
    if (!revealed(index)) return { x_t };
    const eps_hat = game.eps_hat.subarray(index * PIXELS, (index + 1) * PIXELS);
    const difference = game.eps.map((eps, i) => eps - eps_hat[i]);
    return {
      x_t,
      eps: game.eps,
      eps_hat,
      difference,
      x_0: game.x_0,
      squared: difference.map((value) => 2 * value ** 2 - 1), // black is 0 and white 1
      x0_hat: x_t.map((value, i) => (value - noise * eps_hat[i]) / signal),
    };
  }

  const inWords = (error) =>
    error < 0.001
      ? error
          .toExponential(1)
          .replace("e-", "·10⁻")
          .replace(/⁻(\d)$/, (_, power) => `⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[power]}`)
      : error.toPrecision(2);

  function sentence(index) {
    if (waiting?.index === index) return say("The network is guessing.");
    if (!revealed(index))
      return say(
        "How far off will the network's guess of the noise be? Bet on the mean squared error (MSE), then see.",
      );
    const error = game.error[index],
      bet = seen[index];
    const settled = bet && (bet === level(error) ? say("Your bet was right.") : say("You bet {0}.", bet));
    const rearranged = say("The error of x̂₀, the same guess rearranged: {0}.", inWords(game.x0_error[index]));
    return sayAll(say("MSE {0}: {1}.", inWords(error), level(error)), settled, rearranged);
  }

  function show(index) {
    if (!game) return;
    const drawn = tiles(index),
      open = revealed(index),
      t = game.t[index];
    for (const [tile, context] of Object.entries(contexts)) {
      if (drawn[tile]) drawGrey(context, drawn[tile].map(toGrey));
      else context.clearRect(0, 0, SIDE, SIDE);
      context.canvas.setAttribute(
        "aria-label",
        drawn[tile]
          ? say("{0}, at t = {1}", names[tile], t)
          : say("{0}, at t = {1}: hidden until you bet", names[tile], t),
      );
    }
    for (const button of buttons) {
      button.setAttribute("aria-disabled", open); // not disabled: that would take the keyboard's focus away
      button.setAttribute("aria-pressed", (seen[index] ?? waiting?.bet) === button.dataset.bet);
      button.dataset.right = open && level(game.error[index]) === button.dataset.bet;
    }
    part("t").textContent = t;
    part("sentence").textContent = sentence(index);
    part("score").textContent = bets ? say("{0} of {1} bets right", right, bets) : "";
    part("curve").setAttribute(
      "aria-label",
      open
        ? say(
            "Errors over t; at t = {0}: eps_hat {1}, x0_hat {2}; always guessing zero costs 1",
            t,
            inWords(game.error[index]),
            inWords(game.x0_error[index]),
          )
        : say("Errors over t: hidden until you bet"),
    );
    drawCurve();
    tellLink({ t });
    Object.assign(root.dataset, { t, state: open ? "answered" : "asking", answered: Boolean(game.error), right, bets });
  }

  const transport = createTransport({ show, describe: (index) => (game ? `t = ${game.t[index]}` : "") });
  for (const unused of ["reverse", "live"]) part(unused).hidden = true;
  part("scrub").setAttribute("aria-label", say("Timestep t: how much noise"));

  tellTruths(root, { error: () => game?.error?.[transport.index] });

  // ---- betting ----

  function settle() {
    if (!waiting || !game?.error) return;
    const { bet, index } = waiting;
    bets++;
    if (bet === level(game.error[index])) right++;
    rememberInTab("bets", `${bets} ${right}`);
    seen[index] = bet;
    waiting = null;
  }

  function place(bet) {
    if (revealed(transport.index)) return;
    transport.pause();
    waiting = { bet, index: transport.index };
    settle();
    transport.redraw();
  }

  for (const button of buttons) button.addEventListener("click", () => place(button.dataset.bet));
  part("open").addEventListener("change", () => transport.redraw());
  offer(root, {
    ...Object.fromEntries(BETS.map((bet) => [bet, () => place(bet)])),
    open: () => {
      part("open").checked = !part("open").checked;
      transport.redraw();
    },
  });

  receiveSeek(root, (t) => {
    const far = game?.t.map((each) => Math.abs(each - t)) ?? [];
    transport.seek(far.indexOf(Math.min(...far)));
  });

  // ---- values from Python ----

  /** @param {GuessValue} value */
  function receive(value) {
    if (!value?.x_0) return;
    if (value.key === game?.key && game.error && !value.error && !value.device) return; // asked again, and here already
    if (value.key !== game?.key) {
      seen = {};
      waiting = null;
    }
    running?.cancel();
    running = null;
    const otherStart = game?.start !== value.start;
    game = {
      ...value,
      x_0: floatsOf(value.x_0),
      eps: floatsOf(value.eps),
      eps_hat: value.eps_hat && floatsOf(value.eps_hat),
    };
    const [low, high] = game.bounds;
    [say("under {0}", low), say("{0} to {1}", low, high), say("over {0}", high)].forEach((range, i) => {
      buttons[i].querySelector("span").textContent = range;
    });
    part("caption").textContent = sayAll(
      say("{0}. All tiles: black is −1, white is +1; of the squared error, black is 0 and white is 1.", game.caption),
      game.why ?? "",
    );
    const by = game.by_device ? say("computed by your device") : say("computed by this server");
    part("by").textContent = game.error ? `· ${by}` : "";
    part("scrub-start").textContent = say("t = {0}, hardly any noise", game.t[0]);
    part("scrub-end").textContent = say("t = {0}, noise", game.T);
    transport.setLast(game.t.length - 1);
    if (otherStart) transport.seek(game.start);
    settle();
    transport.redraw();
    tellLink(game.link);
    if (value.device) begin(value);
  }

  let running = null; // what this device computes

  /** @param {GuessValue} value with a job */
  function begin({ device, ...value }) {
    running = guessOnDevice(
      device,
      (answers, guesser) => {
        receive({ ...value, ...answers, by_device: true });
        tellGuesser("guessers", { key: value.key, guesser });
      },
      (trouble) => trigger("take_over", { trouble }),
    );
  }
  return receive;
}

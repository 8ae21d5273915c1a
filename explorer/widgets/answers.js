// What is told of pictures that this device has made: the same tiles and sentences, of the same texts, as
// explorer/page/payloads makes for those of the server.

import { PIXELS, roundEven, toBase64, toGrey } from "./numbers.js";
import {
  AFTER,
  AGREED,
  ALL_ALIKE,
  ALMOST_A_COPY,
  AVERAGE_ALIKE,
  A_COPY,
  BEFORE,
  BET_FIRST,
  BET_LOST,
  BET_WON,
  DECIDED,
  DIFFERENCE,
  DISTANCE,
  DONE_MANY,
  DONE_ONE,
  FORK_EARLIER,
  FORK_LATER,
  FRESH_NOISE,
  FRESH_OF_SIZE,
  GUESS_AT,
  LAST_STEP,
  MOVED,
  NEAREST,
  NO_COPY,
  NO_FRESH_NOISE,
  READ_AFTER,
  READ_BEFORE,
  REAL_DIGIT,
  SEVERAL,
  STILL_OPEN,
  SURVIVED,
  THE_PICTURE,
  TURNED,
  USUAL,
} from "./shared_texts.js";

/** @import { Likeness, Text, Tile, TilesValue } from "./payload_types.js" */

/** @returns {Text} */
const told = (text, ...values) => ({ text, values });

const joined = (first, ...others) => others.reduce((whole, other) => told("{0} {1}", whole, other), first);

const greyOf = (picture) => Uint8Array.from(picture, toGrey);

/** @returns {Tile} */
const tile = (name, note, grey, sign = "") => ({ sign, name, note, n: 1, data: toBase64(grey) });

/** x with its t below, such as x₆₄₀. */
export const xAt = (t) => `x${t}`.replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]);

/** A film's last sentence. @returns {Text} */
export const doneStatus = (evaluations, seconds, done = DONE_MANY) =>
  evaluations === 1 && done === DONE_MANY
    ? told(DONE_ONE, seconds.toFixed(1))
    : told(done, evaluations, seconds.toFixed(1));

/**
 * x_t, the mean it moved to, the fresh noise, and their sum, as payloads/steps.py. The step is one of filmSteps, of one
 * picture.
 *
 * @returns {TilesValue}
 */
export function anatomyTiles({ t, tPrev, x_t, mean, xPrev, coefficients }, sampler) {
  const [, , , , , , a, ofX, ofEps, size] = coefficients;
  const [here, there, sigma] = [xAt(t), xAt(tPrev), size.toFixed(3)];
  const [b, other] = sampler === "ddpm" ? [ofX, here] : [ofEps, "ε̂"];
  const formula = `${a.toFixed(3)} x̂₀ + ${b.toFixed(3)} ${other}`;
  const fresh = xPrev.map((value, i) => value - mean[i]);
  const ending = tPrev === 0 ? LAST_STEP : size === 0 ? NO_FRESH_NOISE : told(FRESH_NOISE, sigma, there, tPrev);
  return {
    tiles: [
      tile(here, BEFORE, greyOf(x_t)),
      tile("mean", `= ${formula}`, greyOf(mean), "→"),
      tile("σ z", told(FRESH_OF_SIZE, sigma), greyOf(fresh), "+"),
      tile(there, AFTER, greyOf(xPrev), "="),
    ],
    sentence: joined(told(MOVED, t, tPrev, formula), ending),
  };
}

/** What the film has in mind at a step, in grey levels; after the last one that is the finished picture. */
export const inMind = ({ tPrev, xPrev, x0Hat }) => greyOf(tPrev === 0 ? xPrev : x0Hat);

/**
 * That picture beside the nearest real digit, as payloads/nearest.py. nearest: a NearestDigit with its data as bytes.
 *
 * @param {any} step
 * @param {{ number: number, label: number, distance: number, grey: Uint8Array }} nearest
 * @param {number[]} usual as in Likeness
 * @returns {TilesValue}
 */
export function nearestTiles(step, { number, label, distance, grey }, usual) {
  const picture = inMind(step);
  const apart = picture.map((level, i) => Math.abs(level - grey[i]));
  const [few, half, most] = usual.map((each) => each.toFixed(2));
  const far = distance.toFixed(3);
  const sentence =
    distance === 0
      ? A_COPY
      : joined(told(distance < usual[0] ? ALMOST_A_COPY : NO_COPY, far), told(USUAL, half, few, most), DISTANCE);
  return {
    tiles: [
      step.tPrev === 0 ? tile("x₀", THE_PICTURE, picture) : tile("x̂₀", told(GUESS_AT, step.t), picture),
      tile(NEAREST, told(REAL_DIGIT, number, label), grey, "−"),
      tile(DIFFERENCE, far, apart, "="),
    ],
    sentence,
  };
}

/**
 * What became of a fork's futures, as payloads/futures.py.
 *
 * @param {number} t
 * @param {Pick<Likeness, "readings">} like of all of them
 * @returns {Text}
 */
export function forkVerdict(t, { readings }) {
  const found = readings.map(({ label }) => label);
  return found.every((label) => label === found[0])
    ? joined(told(DECIDED, found[0], t), FORK_LATER)
    : joined(told(STILL_OPEN, found, t), FORK_EARLIER);
}

/** The average of pictures in grey levels, rounded as numpy does. */
export function averageOf(pictures) {
  const n = pictures.length / PIXELS;
  return Uint8Array.from({ length: PIXELS }, (_, p) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += pictures[k * PIXELS + p];
    return roundEven(sum / n);
  });
}

/**
 * What many futures have come to. like: of their average, the network's one guess, and then each of them.
 *
 * @param {Pick<Likeness, "readings" | "correlations">} like
 * @returns {Text}
 */
export function futuresSentence({ readings, correlations }) {
  const found = [...new Set(readings.slice(2).map(({ label }) => label))].sort((a, b) => a - b);
  const kinds =
    found.length === 1 ? told(ALL_ALIKE, found[0]) : told(SEVERAL, found.slice(0, -1), found[found.length - 1]);
  return joined(kinds, told(AVERAGE_ALIKE, correlations[0][1].toFixed(2)));
}

/**
 * Whether a rescued picture is still the same digit, and who won the bet, as payloads/rescues.py. like: of the original
 * and the rescued one; bet: whether it was that it survives, null for none.
 *
 * @param {Likeness} like
 * @param {boolean | null} bet
 * @returns {Text}
 */
export function rescueVerdict({ readings: [before, after], correlations, votes }, bet) {
  const survived = before.label === after.label;
  const outcome = told(
    survived ? SURVIVED : TURNED,
    told(READ_BEFORE, before.label, before.votes, votes),
    told(READ_AFTER, after.label, after.votes, votes),
    correlations[0][1].toFixed(2),
  );
  if (bet === null) return joined(outcome, BET_FIRST);
  return joined(outcome, bet === survived ? BET_WON : BET_LOST, AGREED);
}

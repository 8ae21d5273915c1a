// A part of a picture, chosen by mouse, finger, pen or keys: [left, top, right, bottom] in shares of the picture.

import { clamp } from "./numbers.js";

export const WHOLE = [0, 0, 1, 1];
const LEAST = 0.04; // of a side
const CORNER = 22; // screen pixels around a corner that take hold of it: a finger is that wide
const KEY_STEP = 0.04;

export const isWhole = (part) => part.every((edge, i) => edge === WHOLE[i]);

/**
 * The part between two points, inside of the picture, and not too small.
 *
 * @param {number[]} one
 * @param {number[]} other
 */
export function between(one, other) {
  const [x, y] = one,
    [otherX, otherY] = other;
  const sides = [
    [x, otherX],
    [y, otherY],
  ].map((ends) => {
    const low = clamp(Math.min(...ends), 0, 1 - LEAST);
    return [low, clamp(Math.max(...ends), low + LEAST, 1)];
  });
  return [sides[0][0], sides[1][0], sides[0][1], sides[1][1]];
}

/**
 * The part, moved as far as it stays in the picture.
 *
 * @param {number[]} part
 */
export function moved(part, x, y) {
  const [left, top, right, bottom] = part,
    acrossBy = clamp(x, -left, 1 - right),
    downBy = clamp(y, -top, 1 - bottom);
  return [left + acrossBy, top + downBy, right + acrossBy, bottom + downBy];
}

/**
 * The part, each side longer by twice as much, or shorter; its middle stays where it can.
 *
 * @param {number[]} part
 */
export function resized(part, wider, higher) {
  const [left, top, right, bottom] = part;
  const side = (low, high, more) => {
    const length = clamp(high - low + 2 * more, LEAST, 1);
    const start = clamp((low + high - length) / 2, 0, 1 - length);
    return [start, start + length];
  };
  const [l, r] = side(left, right, wider),
    [t, b] = side(top, bottom, higher);
  return [l, t, r, b];
}

/**
 * @param {any} area the picture's own place on the page
 * @param {{ part: () => number[], preview: (part: number[]) => void, take: (part: number[]) => void,
 *   nudge: (part: number[]) => void }} hooks the part that is chosen now; what hears of a part while it is dragged,
 *   when it is let go, and at each key
 */
export function createCropping(area, { part, preview, take, nudge }) {
  let pointer = null; // the finger or mouse that drags
  let follow = null; // what a place makes of the part

  const place = (event) => {
    const box = area.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };

  // The corner opposite to the one that is taken hold of, or null.
  function anchor([x, y]) {
    const box = area.getBoundingClientRect(),
      [left, top, right, bottom] = part();
    for (const [column, across] of [
      [left, right],
      [right, left],
    ]) {
      for (const [row, down] of [
        [top, bottom],
        [bottom, top],
      ]) {
        if (Math.hypot((x - column) * box.width, (y - row) * box.height) < CORNER) return [across, down];
      }
    }
    return null;
  }

  function startAt(start) {
    const before = part(),
      chosen = !isWhole(before),
      corner = chosen ? anchor(start) : null,
      inside = start[0] > before[0] && start[0] < before[2] && start[1] > before[1] && start[1] < before[3];
    if (corner) return (at) => between(corner, at);
    if (chosen && inside) return (at) => moved(before, at[0] - start[0], at[1] - start[1]);
    return (at) => between(start, at);
  }

  let begun = null; // where the pointer went down: a tap alone chooses nothing

  area.addEventListener("pointerdown", (event) => {
    if (pointer !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    area.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    begun = [event.clientX, event.clientY];
    follow = startAt(place(event));
  });
  area.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    if (begun && Math.hypot(event.clientX - begun[0], event.clientY - begun[1]) < 4) return;
    begun = null;
    preview(follow(place(event)));
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    area.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = follow = null;
      if (!begun) take(part());
    });
  }

  const keys = {
    ArrowLeft: (now) => moved(now, -KEY_STEP, 0),
    ArrowRight: (now) => moved(now, KEY_STEP, 0),
    ArrowUp: (now) => moved(now, 0, -KEY_STEP),
    ArrowDown: (now) => moved(now, 0, KEY_STEP),
    "+": (now) => resized(now, KEY_STEP, KEY_STEP),
    "-": (now) => resized(now, -KEY_STEP, -KEY_STEP),
    Escape: () => WHOLE,
  };
  // With Shift the arrows change the shape: wider, narrower, higher, lower.
  const shaping = {
    ArrowLeft: (now) => resized(now, -KEY_STEP, 0),
    ArrowRight: (now) => resized(now, KEY_STEP, 0),
    ArrowUp: (now) => resized(now, 0, KEY_STEP),
    ArrowDown: (now) => resized(now, 0, -KEY_STEP),
  };
  area.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || pointer !== null) return;
    const act = (event.shiftKey && shaping[event.key]) || keys[event.key === "=" ? "+" : event.key];
    if (!act) return;
    event.preventDefault();
    // the arrows cannot move the whole picture: they begin with a part in its middle
    const now = isWhole(part()) && event.key.startsWith("Arrow") && !event.shiftKey ? [0.25, 0.25, 0.75, 0.75] : part();
    nudge(act(now));
  });
}

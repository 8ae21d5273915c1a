// A training on one thread: what a file of explorer/device/training_export.py says, carried out for a share of each
// batch. It draws what torch draws, from the same seed, and has the two graphs compute; all else is in training.js.

import { imageOf } from "../numbers.js";
import { DeviceError, open, PIXELS } from "./graph.js";
import { Generator } from "./randn.js";

const FORMAT = "ddpm-tr1";
const HEAD_BYTES = 16;
const FLOAT_BYTES = 4;

/** The file's parts: { head, gradient, update }. */
export function parseTraining(bytes) {
  const view = new DataView(bytes);
  const text = (from, to) => new TextDecoder().decode(new Uint8Array(bytes, from, to - from));
  if (bytes.byteLength < HEAD_BYTES || text(0, 8) !== FORMAT) throw new DeviceError("this is not a training");
  if (view.getUint32(8, true) !== bytes.byteLength) throw new DeviceError("the training arrived only in part");
  const begin = HEAD_BYTES + view.getUint32(12, true);
  const head = JSON.parse(text(HEAD_BYTES, begin));
  const between = begin + head.gradient;
  return { head, gradient: bytes.slice(begin, between), update: bytes.slice(between) };
}

/** Such a file. head: without the lengths; gradient, update: Uint8Arrays. @returns {ArrayBuffer} */
export function packTraining({ head, gradient, update }) {
  const whole = { ...head, gradient: gradient.length, update: update.length };
  const text = new TextEncoder().encode(JSON.stringify(whole));
  const room = 4 * Math.ceil(text.length / 4); // filled up with blanks
  const bytes = new Uint8Array(HEAD_BYTES + room + gradient.length + update.length).fill(32);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(FORMAT));
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, room, true);
  bytes.set(text, HEAD_BYTES);
  bytes.set(gradient, HEAD_BYTES + room);
  bytes.set(update, HEAD_BYTES + room + gradient.length);
  return bytes.buffer;
}

export const sizeOf = (shape) => shape.reduce((product, n) => product * n, 1);

/** What explorer/device/training_export.py fitted to pictures, by name; bytes: an ArrayBuffer. */
export function fittedOf({ fitted }, bytes) {
  let end = 0;
  const own = ([name, shape]) => {
    end += FLOAT_BYTES * sizeOf(shape);
    return [name, new Float32Array(bytes, end - FLOAT_BYTES * sizeOf(shape), sizeOf(shape))];
  };
  return Object.fromEntries(Object.entries(fitted).map(own));
}

// The stretch of a graph's memory that holds tensors which lie there one after another; by name where each begins in
// it.
function stretch({ head, tensors }, shapes, prefix = "") {
  const names = Object.keys(shapes);
  if (!names.length) return { numbers: new Float32Array(0), places: {} };
  const begin = head.places[prefix + names[0]];
  const last = names[names.length - 1];
  const end = head.places[prefix + last] + sizeOf(shapes[last]);
  const places = Object.fromEntries(names.map((name) => [name, head.places[prefix + name] - begin]));
  return { numbers: tensors.subarray(begin, end), places };
}

export class TrainingStep {
  #gradient;
  #update;
  #generator;
  #data;
  #resume = new Uint32Array(0); // the generator's state at the beginning of the step
  #before = new Float32Array(0); // the averaged weights before the last step

  constructor(head, gradient, update) {
    this.head = head;
    this.#gradient = gradient;
    this.#update = update;
    this.gradients = stretch(gradient, head.weights, "gradient.");
    this.weights = stretch(update, head.weights);
    this.averages = stretch(update, head.weights, "average.");
    this.states = stretch(update, head.states);
  }

  static async open({ head, gradient, update }, compiled) {
    return new TrainingStep(head, await open(gradient, compiled), await open(update, compiled));
  }

  /**
   * Begin: with the weights of this seed, or where `state` was taken. pictures: Uint8Array of greys 0 to 255, or
   * Float32Array from -1 to 1, one picture after another; labels: one a picture; fitted: by name, what is fitted to
   * these pictures.
   */
  begin({ seed, pictures, labels, fitted, state = null }) {
    this.#data = { pictures, labels };
    const { head, tensors } = this.#gradient;
    for (const [name, numbers] of Object.entries(fitted)) tensors.set(numbers, head.places[name]);
    this.#generator = new Generator(seed);
    if (state) {
      this.#generator.state = state.generator;
      for (const part of ["weights", "averages", "states"]) this[part].numbers.set(state[part]);
    } else {
      this.states.numbers.fill(0);
      fill(this.weights, this.head, new Generator(seed));
      this.averages.numbers.set(this.weights.numbers);
    }
    this.#takeOver();
  }

  /** What another training may go on with. */
  get state() {
    const { weights, averages, states } = this;
    const parts = Object.entries({ weights, averages, states }).map(([name, { numbers }]) => [name, numbers.slice()]);
    return { ...Object.fromEntries(parts), generator: this.#resume };
  }

  /** The averaged weights, which are the ones that draw, by name. */
  averagesByName() {
    const { numbers, places } = this.averages;
    const own = ([name, shape]) => [name, numbers.slice(places[name], places[name] + sizeOf(shape))];
    return Object.fromEntries(Object.entries(this.head.weights).map(own));
  }

  // A new step: the gradient graph computes with the weights as they are now.
  #takeOver() {
    this.#resume = this.#generator.state;
    stretch(this.#gradient, this.head.weights).numbers.set(this.weights.numbers);
    this.#gradient.setUp();
  }

  /**
   * Draws the next batch, and sums up the gradient of its pictures from `first` on, below `end`, in `gradients`.
   * Returns errors and t of these pictures.
   */
  addUp(first, end) {
    const { batch, draws, pictures } = this.head;
    const rows = Array.from({ length: batch }, () => this.#generator.below(this.#data.labels.length));
    const drawn = draws.map((draw) => ({ ...draw, numbers: this.#drawn(draw, first, end) }));
    const [errors, t] = [new Float32Array(end - first), new Float32Array(end - first)];
    const { head, tensors, execute } = this.#gradient;
    for (let begin = first; begin < end; begin += pictures) {
      for (let row = 0; row < pictures; row++) {
        const k = Math.min(begin + row, end - 1); // past the last, the last again, of which nothing counts
        this.#show(rows[k], row);
        tensors[head.places.share + row] = begin + row < end ? 1 / batch : 0;
        for (const { name, count, numbers } of drawn) {
          const own = numbers.subarray((k - first) * count, (k - first + 1) * count);
          tensors.set(own, head.places[name] + row * count);
        }
      }
      execute();
      const count = Math.min(pictures, end - begin);
      for (const [name, to] of /** @type {const} */ ([
        ["errors", errors],
        ["t", t],
      ])) {
        to.set(tensors.subarray(head.places[name], head.places[name] + count), begin - first);
      }
    }
    return { errors, t };
  }

  // Picture number `k` of the data, as picture `row` of the gradient graph.
  #show(k, row) {
    const { head, tensors } = this.#gradient;
    const { pictures, labels } = this.#data;
    const own = pictures.subarray(k * PIXELS, (k + 1) * PIXELS);
    const numbers = pictures instanceof Uint8Array ? imageOf(own) : own;
    tensors.set(numbers, head.places.x_0 + row * PIXELS);
    tensors[head.places.label + row] = labels[k];
  }

  // Draws for the whole batch; returns the numbers of its pictures from `first` on, below `end`.
  #drawn({ kind, low, high, count }, first, end) {
    const { batch } = this.head;
    const generator = this.#generator;
    if (kind === "randn") return generator.normalPart(batch * count, first * count, end * count);
    const one = kind === "rand" ? () => generator.uniform(1)[0] : () => low + generator.below(high - low);
    return Float32Array.from({ length: batch * count }, one).subarray(first * count, end * count);
  }

  /**
   * Descends the gradient of a whole batch. rate, decay: of this step. Returns whether all went well: after a gradient
   * that is not finite, the averaged weights are as before, and nothing else may be used.
   */
  descend(gradient, rate, decay) {
    const { head, tensors, execute } = this.#update;
    if (this.#before.length === 0) this.#before = new Float32Array(this.averages.numbers.length);
    this.#before.set(this.averages.numbers);
    stretch(this.#update, this.head.weights, "gradient.").numbers.set(gradient);
    tensors[head.places.rate] = rate;
    tensors[head.places.decay] = decay;
    execute();
    const well = Number.isFinite(tensors[head.places.length]);
    if (well) this.#takeOver();
    else this.averages.numbers.set(this.#before);
    return well;
  }
}

// Random weights, as torch makes them.
function fill({ numbers, places }, { filling, weights }, generator) {
  for (const { weight, kind, a, b } of filling) {
    const own = numbers.subarray(places[weight], places[weight] + sizeOf(weights[weight]));
    if (kind === "constant") own.fill(a);
    else if (kind === "normal") own.set(generator.normal(own.length).map((x) => x * b + a));
    else {
      const [low, width] = [Math.fround(a), Math.fround(Math.fround(b) - Math.fround(a))];
      own.set(generator.uniform(own.length).map((x) => Math.fround(x * width) + low));
    }
  }
}

/** The learning rate and the averages' decay at a step, 0 for the first. progress: share of the budget, 0 to 1. */
export function paceOf({ rise, fall, decays }, step, progress) {
  const at = Math.min(1, progress) * (fall.length - 1);
  const before = Math.min(Math.floor(at), fall.length - 2);
  const left = fall[before] + (at - before) * (fall[before + 1] - fall[before]);
  const atStep = (table) => table[Math.min(step, table.length - 1)];
  return { rate: atStep(rise) * left, decay: atStep(decays) };
}

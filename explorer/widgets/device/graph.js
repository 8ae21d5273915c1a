// The runtime: reads a network that explorer/device/export.py wrote, and guesses the noise with it.
//
//   const kernels = await compile((name) => fetch(new URL(name, import.meta.url)).then((got) => got.arrayBuffer()));
//   const network = await load(bytes, kernels);
//   const epsHat = network.run({ x_t, t, label });
//
// One network is one WebAssembly instance with a memory of its own, which does not grow with the number of pictures.

import { crc32 } from "../crc32.js";

export const PIXELS = 28 * 28;
const FORMAT = "ddpm-dv2";
const HEAD_BYTES = 20;
const CHECKED_FROM = 16; // the bytes of which the file tells the CRC-32
const PAGE_BYTES = 65536;
const NONE_LEFT_OUT = -1; // as in explorer/core/perfect_guess.py
const BYTES = { i16: 2, i24: 3, f32: 4 }; // a number in the file

// The device cannot compute: the message is one sentence for its owner.
export class DeviceError extends Error {}

/** What an error in a worker means for the page. @param {any} error */
export function troubleOf(error) {
  if (error instanceof RangeError || error.cause instanceof RangeError) return "memory";
  return error.cause instanceof WebAssembly.CompileError ? "unable" : "died";
}

// The smallest module that holds an instruction of relaxed SIMD: f32x4.relaxed_madd.
const RELAXED = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253],
  ...[15, 65, 0, 253, 15, 253, 133, 2, 11],
);

function hasRelaxedVectors() {
  return typeof WebAssembly === "object" && WebAssembly.validate(RELAXED);
}

// The compiled kernels, the faster ones where the browser has relaxed SIMD. fetchBytes: a file's name -> its bytes.
export async function compile(fetchBytes, { relaxed = hasRelaxedVectors() } = {}) {
  if (typeof WebAssembly !== "object") throw new DeviceError("this browser has no WebAssembly");
  const bytes = await fetchBytes(relaxed ? "kernels_relaxed.wasm" : "kernels.wasm");
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new DeviceError("this browser cannot run the network: it has no WebAssembly with vectors", { cause: error });
  }
}

/**
 * The network of an exported film's file. compiled: from `compile`.
 * @param {ArrayBuffer} bytes
 * @param {WebAssembly.Module} compiled
 */
export async function load(bytes, compiled) {
  const graph = await open(bytes, compiled);
  graph.setUp();
  return new Network(graph);
}

/**
 * An exported file in a memory of its own, its constants where they belong: { head, tensors, setUp, execute }. tensors
 * is the memory as a Float32Array, in which head.places says where everything lies.
 * @param {ArrayBuffer} bytes
 * @param {WebAssembly.Module} compiled
 */
export async function open(bytes, compiled) {
  const { head, setup, program, numbers } = parse(bytes);
  const kernels = /** @type {any} */ ((await WebAssembly.instantiate(compiled, {})).exports);
  const { memory } = kernels;
  const start = kernels.beginning();
  const words = start + 4 * head.floats; // the programs lie behind the tensors, and behind them what is widened
  const data = words + 4 * (setup.length + program.length);
  const narrow = head.constants.filter(({ dtype }) => dtype !== "f32").map(lengthOf);
  grow(memory, data + Math.max(0, ...narrow));
  new Int32Array(memory.buffer, words).set([...setup, ...program]);
  for (const constant of head.constants) {
    const { dtype, rows, count, at, place } = constant;
    const to = start + 4 * place;
    const length = lengthOf(constant);
    new Uint8Array(memory.buffer, dtype === "f32" ? to : data, length).set(numbers.subarray(at, at + length));
    if (dtype !== "f32") kernels.widen(data + 4 * rows, BYTES[dtype], data, to, rows, count / rows);
  }
  const tensors = new Float32Array(memory.buffer, start, head.floats);
  const setUp = () => carryOut(kernels, start, words, setup.length);
  const execute = () => carryOut(kernels, start, words + 4 * setup.length, program.length);
  return { head, tensors, setUp, execute };
}

class Network {
  #places;
  #tensors;
  #execute;
  #constants;
  #setUp;

  constructor({ head, tensors, setUp, execute }) {
    this.rows = head.rows;
    this.T = head.T;
    this.#places = head.places;
    this.#constants = new Map(head.constants.map(({ name, place }) => [name, place]));
    this.#setUp = setUp;
    this.#tensors = tensors;
    this.#execute = execute;
  }

  // Takes other weights, or others of what is fitted to pictures, or what a perfect guesser knows: Float32Arrays by
  // name, in the order of their indices; what lies as bytes, four of them in each number.
  replace(weights) {
    for (const [name, numbers] of Object.entries(weights))
      this.#tensors.set(numbers, this.#constants.get(name) ?? this.#places[name]);
    this.#setUp();
  }

  // Of the reader of digits: the digit, below `count`, that a picture looks most like. picture: Float32Array, -1 to 1.
  read(picture, count) {
    this.#tensors.set(picture, this.#places.picture);
    this.#execute();
    const scores = this.#tensors.subarray(this.#places.scores, this.#places.scores + count);
    return scores.indexOf(Math.max(...scores));
  }

  // Of any graph: what it makes of these numbers, so many of each; Float32Arrays, both by the graph's own names.
  compute(given, lengths) {
    for (const [name, numbers] of Object.entries(given)) this.#tensors.set(numbers, this.#places[name]);
    this.#execute();
    const made = ([name, length]) => [name, this.#tensors.slice(this.#places[name], this.#places[name] + length)];
    return Object.fromEntries(Object.entries(lengths).map(made));
  }

  // x_t: Float32Array of n pictures; t, label: n whole numbers each; leftOut: of a perfect guesser's pictures, the
  // number of the one that it shall not know. Returns eps_hat, like x_t.
  run({ x_t, t, label, leftOut = NONE_LEFT_OUT }) {
    const n = t.length;
    if ("left_out" in this.#places) this.#tensors[this.#places.left_out] = leftOut;
    const epsHat = new Float32Array(x_t.length);
    for (let first = 0; first < n; first += this.rows) {
      for (let row = 0; row < this.rows; row++) {
        const k = Math.min(first + row, n - 1); // past the last, the last again
        this.#tensors.set(x_t.subarray(k * PIXELS, (k + 1) * PIXELS), this.#places.x_t + row * PIXELS);
        this.#tensors[this.#places.t + row] = t[k];
        this.#tensors[this.#places.label + row] = label[k];
      }
      this.#execute();
      const wanted = Math.min(this.rows, n - first) * PIXELS;
      const place = this.#places.eps_hat;
      epsHat.set(this.#tensors.subarray(place, place + wanted), first * PIXELS);
    }
    return epsHat;
  }
}

function parse(bytes) {
  const view = new DataView(bytes);
  const text = (from, to) => new TextDecoder().decode(new Uint8Array(bytes, from, to - from));
  if (bytes.byteLength < HEAD_BYTES || text(0, 8) !== FORMAT) {
    throw new DeviceError("this is not a network for the device");
  }
  if (view.getUint32(8, true) !== bytes.byteLength) {
    throw new DeviceError("the network arrived only in part");
  }
  if (view.getUint32(12, true) !== crc32(new Uint8Array(bytes, CHECKED_FROM))) {
    throw new DeviceError("the network arrived damaged");
  }
  try {
    let end = HEAD_BYTES + view.getUint32(16, true);
    const head = JSON.parse(text(HEAD_BYTES, end));
    const [setup, program] = [head.setup, head.program].map((count) => {
      end += 4 * count;
      return new Int32Array(bytes, end - 4 * count, count);
    });
    return { head, setup, program, numbers: new Uint8Array(bytes, end) };
  } catch (error) {
    throw new DeviceError("this is not a network for the device", { cause: error });
  }
}

// of a constant in the file: its numbers, and for whole ones the scales before them
function lengthOf({ dtype, rows, count }) {
  return BYTES[dtype] * count + (dtype === "f32" ? 0 : 4 * rows);
}

function grow(memory, bytes) {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  try {
    if (missing > 0) memory.grow(missing);
  } catch (error) {
    throw new DeviceError("this device has not enough memory for the network", { cause: error });
  }
}

function carryOut(kernels, start, words, count) {
  let unknown;
  try {
    unknown = kernels.run(start, words, count);
  } catch (error) {
    throw new DeviceError("the network does not fit its memory", { cause: error });
  }
  if (unknown) throw new DeviceError(`this runtime does not know operation ${unknown}`);
}

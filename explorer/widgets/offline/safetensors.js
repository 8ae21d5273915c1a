// Files of weights, as explorer/core/checkpoint.py writes and reads them: the length of a JSON in 8 bytes, the JSON,
// which says where each tensor lies, and the tensors.

import { Mistake } from "./events.js";

const FORMAT = "ddpm-explorer-1";
const LENGTH_BYTES = 8;

/**
 * @typedef {{ network: any, schedule: any, notes: any }} About what stands in the file beside the numbers
 */

/**
 * @param {About} about
 * @param {Record<string, number[]>} shapes
 * @param {Record<string, Float32Array>} numbers by the same names
 */
export function writeWeights({ network, schedule, notes }, shapes, numbers) {
  const [a, b, c] = [network, schedule, notes].map((part) => JSON.stringify(part));
  const header = /** @type {any} */ ({ __metadata__: { format: FORMAT, network: a, schedule: b, notes: c } });
  let end = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + 4 * numbers[name].length] };
    end += 4 * numbers[name].length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const room = 8 * Math.ceil(text.length / 8); // filled up with blanks
  const bytes = new Uint8Array(LENGTH_BYTES + room + end).fill(32);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(room), true);
  bytes.set(text, LENGTH_BYTES);
  for (const name of Object.keys(shapes)) {
    const { buffer, byteOffset, byteLength } = numbers[name];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), LENGTH_BYTES + room + header[name].data_offsets[0]);
  }
  return bytes;
}

/**
 * What such a file says. Throws a Mistake for anything else.
 *
 * @param {ArrayBuffer} bytes
 * @returns {About & { tensors: Record<string, { shape: number[], numbers: Float32Array }> }}
 */
export function readWeights(bytes) {
  const header = headerOf(bytes);
  const { __metadata__: about, ...entries } = header.json;
  if (about?.format !== FORMAT) throw new Mistake("this safetensors file was not written by DDPM Explorer");
  try {
    const tensors = Object.fromEntries(
      Object.entries(entries).map(
        ([
          name,
          {
            shape,
            data_offsets: [from, to],
          },
        ]) => [name, { shape, numbers: new Float32Array(bytes.slice(header.end + from, header.end + to)) }],
      ),
    );
    const [network, schedule] = [about.network, about.schedule].map((text) => JSON.parse(text));
    return { network, schedule, notes: JSON.parse(about.notes ?? "{}"), tensors };
  } catch {
    throw new Mistake("this is not a whole safetensors file");
  }
}

/** @param {ArrayBuffer} bytes */
function headerOf(bytes) {
  try {
    const end = LENGTH_BYTES + Number(new DataView(bytes).getBigUint64(0, true));
    return { end, json: JSON.parse(new TextDecoder().decode(bytes.slice(LENGTH_BYTES, end))) };
  } catch {
    throw new Mistake("this is not a whole safetensors file");
  }
}

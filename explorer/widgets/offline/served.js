// What widgets ask a server for by functions: answered here, or told why there is no answer.

import { say } from "../languages.js";
import { toBase64 } from "../numbers.js";
import { likeness } from "./likeness.js";
import { networkOf } from "./networks.js";

export const SERVED = {
  likeness,
  /** @param {string} model @returns {Promise<import("../payload_types.js").LabFile>} */
  download: async (model) => {
    const file = networkOf(model).file();
    return file ? { name: "ddpm-explorer.safetensors", data: toBase64(file) } : {};
  },
  /** @returns {Promise<import("../payload_types.js").QrCode>} */
  qr_code: async () => ({
    rows: [],
    problem: say("This page is a file on your device: a code cannot lead others to it. Hand on the file."),
  }),
  pulse: () => new Promise(() => {}), // nobody else is there, and nothing is said of it
};

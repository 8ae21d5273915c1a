// Runs in a Web Worker: one of the threads that train together, see training_share.js.

import { trainingShare } from "./training_share.js";

const hear = trainingShare((message, transfer) => postMessage(message, { transfer }));

self.onmessage = ({ data }) => hear(data);

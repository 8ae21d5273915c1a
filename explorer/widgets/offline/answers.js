// What handlers in Python answer on a server, answered by this device. A test compares: each handler of the page is
// here, or in the list of explorer/page/offline/missing.py, with a reason.

import { ADDING } from "./adding.js";
import { ALGORITHMS } from "./algorithms.js";
import { CHOOSING } from "./choosing.js";
import { GATHERING } from "./crowd.js";
import { GUESSING } from "./guessing.js";
import { LEAPING } from "./leaping.js";
import { LINKING } from "./linking.js";
import { REMOVING } from "./removing.js";
import { RESCUING } from "./rescuing.js";
import { TRACING } from "./tracing.js";
import { TRAINING } from "./training.js";

/** @type {Record<string, import("./events.js").Answer>} by the handlers' names, see explorer/page/offline/layout.py */
export const ANSWERS = Object.assign(
  {},
  ...[CHOOSING, ADDING, GUESSING, REMOVING, GATHERING, RESCUING, LEAPING, LINKING, TRACING, TRAINING, ALGORITHMS],
);

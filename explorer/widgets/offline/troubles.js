// Why this device could not compute, where nobody else can take over.

import { say } from "../languages.js";

export const TROUBLES = {
  unable: say("This browser cannot compute the film: a newer one can."),
  fetch: say("The network in this file is damaged: get the file again."),
  memory: say("Your device has not enough memory for the film: close other pages and try again."),
  died: say("Your device broke off: press play again."),
};

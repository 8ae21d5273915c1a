// Written by explorer/page/shared_constants.py from what Python says: change it there.

export const SIDE = 28; // pixels of a picture's side
export const NULL_LABEL = 10; // stands for any digit; below it are the digits
export const NOISE_OVER_DIGIT = 3.0; // standard deviations: where most can no longer read a digit
export const STRIPS = /** @type {const} */ (["x_t", "x0_hat", "eps_hat"]); // of a film, in their order
export const COPIES = 64; // of one picture that walk the long way and the short one
export const COPIES_SHOWN = 8; // of them, as pictures
export const BEAT_SECONDS = 20.0; // between two signs of life, if there is no other reason to speak
export const ASKING_SECONDS = 20.0; // between two questions of the status line, at most
export const KEY_HEADER = "x-explorer-page"; // of a request: the page's key
export const SESSION_HEADER = "x-explorer-session"; // of a request: Gradio's name of the page
export const AFTER_HEADER = "x-explorer-after"; // of a request: the number of the last event that the page has
export const LANGUAGE_HEADER = "x-explorer-language"; // of a request: the code of the page's language
export const CLASS_ROUTE = "/explorer-class/"; // where a class answers, from the page's root on
export const MEMBER_HEADER = "x-explorer-member"; // of a request: a member's key
export const LEADER_HEADER = "x-explorer-leader"; // of a request: the leader's secret
export const WAIT_HEADER = "x-explorer-wait"; // of an answer: milliseconds until the page asks again
export const SERVER_HEADER = "x-explorer-server"; // of an answer: which run of the server gives it
export const DEVICE_HEADER = "x-explorer-device"; // of a request: 1 where the page's device can compute films
export const HOLDS_HEADER = "x-explorer-holds"; // of an answer: what the server holds that is this page's own

// The page inside another one, such as a learning platform: how high it is, and which address leads to it.

import { pageAddress } from "./address.js";

const SUBJECT = "lti.frameResize"; // what learning platforms listen to: IMS, LTI platform messages
const LEAST_PX = 400;

export const embedded = () => window.parent !== window;

/** Tell the page around this one how high this one is, whenever that changes; on the stage the frame is the screen. */
export function tellHeight() {
  if (!embedded()) return;
  let told = 0;
  const tell = () => {
    const main = document.querySelector("main");
    if (!main || document.documentElement.classList.contains("presenting")) return;
    const height = Math.max(LEAST_PX, Math.ceil(main.getBoundingClientRect().bottom + window.scrollY + 100));
    if (Math.abs(height - told) < 2) return;
    told = height;
    window.parent.postMessage({ subject: SUBJECT, height }, "*"); // a number, for whoever shows the page
  };
  new ResizeObserver(tell).observe(document.querySelector("main") ?? document.body);
  tell();
}

/**
 * The address to give to others: that of the page around this one, where it is known.
 * @param {string} query with its question mark, or ""
 * @param {string} [space] where the page is shown, if it is a Space
 * @returns {{ address: string, outer: boolean }}
 */
export function addressFor(query, space = "") {
  const own = pageAddress() + query;
  if (!embedded()) return { address: own, outer: true };
  let around = space;
  if (!around && document.referrer) {
    const { origin, pathname } = new URL(document.referrer);
    if (origin === location.origin && pathname !== location.pathname) around = origin + pathname;
  }
  return around ? { address: around + query, outer: true } : { address: own, outer: false };
}

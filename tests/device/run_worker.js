// For the Python tests: the worker as it is served, outside of a browser. Gets its file, and the messages of a page as
// JSON, in which "file:NAME" stands for a file's bytes; tells what it says until it is done or in trouble.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , script, messages] = process.argv;
const told = [];
const scope = /** @type {any} */ (globalThis);
scope.self = scope;
scope.postMessage = (news) => {
  if (news.alive) return;
  told.push({ number: news.number, t: news.t, trouble: news.trouble });
  if (news.number !== 2 || !(news.done || news.trouble)) return;
  process.stdout.write(JSON.stringify(told));
  process.exit(0);
};
await import(pathToFileURL(script).href);
const bytes = (_, value) =>
  typeof value === "string" && value.startsWith("file:") ? new Uint8Array(readFileSync(value.slice(5))) : value;
for (const data of JSON.parse(readFileSync(messages, "utf8"), bytes)) scope.onmessage({ data });

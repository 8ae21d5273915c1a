// What happens on the page as one file: as in Gradio, events of components call handlers, and what these answer changes
// components. A handler that is Python on a server is a function here, of the same name, see answers.js.

import { say } from "../languages.js";
import { tellOnce } from "../notice.js";

/**
 * @typedef {{ name: string, value: any, show: (value: any) => void, change?: (props: any) => void }} Component
 * @typedef {{ on: [string, string][], handler: string, inputs: string[], outputs: string[], js: boolean, after: number,
 *   on_success: boolean, mode: string }} Wiring
 * @typedef {{ value: (name: string) => any, event: any, outputs: string[] }} Asked
 * @typedef {Record<string, any>} Changes by the components' names: their values, or a Changed with their properties
 * @typedef {(asked: Asked) => AsyncIterable<Changes> | Promise<Changes | void> | Changes | void} Answer
 */

/** Tell what there is not, unless that stands on the page already. @param {string} sentence */
export function tellMissing(sentence) {
  const seen = [...document.querySelectorAll(".explorer-notice p")].some((told) => told.textContent === say(sentence));
  if (sentence && !seen) tellOnce([sentence]);
}

/** What a viewer has done wrong; told: the sentence. */
export class Mistake extends Error {
  constructor(told) {
    super(typeof told === "string" ? told : told.text);
    this.told = told;
  }
}

/** Properties of a component, in place of its value. */
export class Changed {
  constructor(props) {
    this.props = props;
  }
}

/**
 * @param {Map<string, Component>} components
 * @param {Wiring[]} wirings
 * @param {(Function | null)[]} scripts the handlers that are JavaScript on a server's page too
 * @param {Record<string, Answer>} answers
 * @param {Record<string, string>} missing what is told of handlers that have no answer here
 */
export function createEvents(components, wirings, scripts, answers, missing) {
  const running = wirings.map(() => 0);
  const waiting = wirings.map(() => null); // the latest event meanwhile, where only that counts
  const listeners = new Map(); // numbers of wirings, by component and event
  wirings.forEach(({ on }, number) => {
    for (const [name, event] of on) {
      const key = `${name} ${event}`;
      listeners.set(key, [...(listeners.get(key) ?? []), number]);
    }
  });

  const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

  /** @param {Changes} changes @param {string[]} outputs what may be changed: a file of some lessons has less */
  function apply(changes, outputs) {
    for (const [name, value] of Object.entries(changes)) {
      const component = outputs.includes(name) ? components.get(name) : null;
      if (!component) continue;
      if (value instanceof Changed) {
        component.change?.(value.props);
        if ("value" in value.props) set(component, value.props.value);
      } else set(component, value);
    }
  }

  function set(component, value) {
    const before = component.value;
    component.value = value;
    component.show(value);
    if (!same(before, value)) fire(component.name, "change", value);
  }

  /** What JavaScript for Gradio gives back, as a change. */
  const changed = (made) => (made?.__type__ === "update" ? new Changed(made) : made);

  async function answer({ handler, inputs, outputs, js }, number, event) {
    const value = (name) => components.get(name)?.value;
    if (js) {
      const made = [scripts[number](...inputs.map(value))].flat();
      if (!handler) return apply(Object.fromEntries(outputs.map((name, i) => [name, changed(made[i])])), outputs);
    }
    /** @type {any} */
    const made = answers[handler]({ value, event, outputs });
    if (made && typeof made[Symbol.asyncIterator] === "function")
      for await (const changes of made) apply(changes, outputs);
    else apply((await made) ?? {}, outputs);
  }

  async function run(number, event) {
    const wiring = wirings[number];
    if (wiring.handler && !answers[wiring.handler]) return tellMissing(missing[wiring.handler]);
    if (running[number] && wiring.mode === "once") return;
    if (running[number] && wiring.mode === "always_last") {
      waiting[number] = { event };
      return;
    }
    running[number]++;
    let good = true;
    try {
      await answer(wiring, number, event);
    } catch (error) {
      good = false;
      if (error instanceof Mistake) tellOnce([error.told]);
      else console.error(error);
    }
    running[number]--;
    wirings.forEach(({ after, on_success }, next) => {
      if (after === number && (good || !on_success)) run(next, event);
    });
    const next = waiting[number];
    waiting[number] = null;
    if (next) run(number, next.event);
  }

  /** Something has happened to a component. */
  function fire(name, event, data = null) {
    for (const number of listeners.get(`${name} ${event}`) ?? []) run(number, data);
  }

  return { fire };
}

// From the layout's parts to what stands on the page.

import { CONTROLS, FRAMED, make } from "./controls.js";
import { createCurve } from "./curve.js";
import { page } from "./facts.js";
import { SERVED } from "./served.js";

/**
 * @param {Map<string, any>} components by name; those that are laid out join them
 * @param {ReturnType<import("./events.js").createEvents>} events
 * @param {Record<string, any>} modules of the widgets
 */
export function createLayout(components, events, modules) {
  const valueOf = (name) => components.get(name)?.value;
  const ids = (name) => (name && !/^(part-|tab)/.test(name) ? name : null);
  const width = ({ scale, min_width: least }) =>
    [
      scale !== undefined && scale !== null ? `flex-grow: ${scale}` : "",
      least ? `min-width: min(${least}px, 100%)` : "",
    ]
      .filter(Boolean)
      .join("; ");

  function dress(element, { name, props }, ...classes) {
    element.classList.add(...classes, ...(props.elem_classes ?? []));
    if (ids(name)) element.id = name;
    const style = width(props);
    if (style) element.style.cssText += style;
    element.hidden = props.visible === false;
    return element;
  }

  function join(part, made) {
    const component = {
      name: part.name,
      value: part.props.value ?? null,
      show: made.show ?? (() => {}),
      change(props) {
        if ("visible" in props) made.element.hidden = !props.visible;
        if ("interactive" in props) made.enable?.(props.interactive);
        made.change?.(props);
      },
    };
    components.set(part.name, component);
    return component;
  }

  function control(part) {
    const tell = (event, value) => {
      if (event === "input") {
        const { value: before } = component;
        component.value = value;
        component.show(value);
        events.fire(part.name, "input", value);
        if (before !== value) events.fire(part.name, "change", value);
      } else events.fire(part.name, event, value);
    };
    const made = CONTROLS[part.kind](part, tell);
    const component = join(part, made);
    component.show(component.value);
    made.enable(part.props.interactive !== false);
    return dress(made.element, part, ...(FRAMED.includes(part.kind) ? ["lay-block"] : []));
  }

  function plot(part) {
    const made = createCurve();
    join(part, made);
    made.show({ schedule: valueOf("forward-schedule"), T: valueOf("forward-T") });
    return dress(made.element, part, "lay-block", "framed");
  }

  // ---- widgets ----

  function widget(part) {
    const { html, module } = page.widgets[part.widget];
    const inner = make("div", { class: `of-${part.widget}` });
    inner.innerHTML = html;
    const element = dress(make("div", {}, make("div", { class: "html-container" }, inner)), part);
    /** @type {(value: any) => void} */
    let receive = () => {};
    const component = join(part, { element, show: (value) => receive(value) });
    const props = {
      get value() {
        return component.value;
      },
      set value(value) {
        component.value = value; // the widget itself has changed it
        events.fire(part.name, "change", value);
      },
    };
    const asked = {
      element: inner,
      trigger: (event, data) => events.fire(part.name, event, data ?? null),
      props,
      server: SERVED,
      watch: () => {},
    };
    mounting.push(() => {
      receive = modules[module].mount(asked) ?? receive;
      receive(component.value);
      inner.querySelector("[data-widget]")?.setAttribute("data-mounted", "true");
    });
    return element;
  }

  // ---- what holds others ----

  /** @type {(() => void)[]} */
  let mounting = []; // widgets that are laid out and wait until they stand on the page
  const parts = (children) => children.map(lay);

  function accordion(part) {
    const { label, open } = part.props;
    const mark = make("span", { class: "icon", text: "▼" });
    const head = make("button", { type: "button", class: "label-wrap" }, make("span", { text: label }), mark);
    const body = make("div", { class: "lay-column" }, ...parts(part.children));
    const element = make("div", {}, head, body);
    const turn = (to) => {
      body.hidden = !to;
      head.setAttribute("aria-expanded", String(to));
      element.classList.toggle("open", to);
    };
    turn(open !== false);
    head.addEventListener("click", () => {
      turn(body.hidden);
      events.fire(part.name, body.hidden ? "collapse" : "expand");
    });
    join(part, { element, enable: (can) => (head.disabled = !can) });
    return dress(element, part, "lay-block", "gr-accordion", "framed");
  }

  function tabs(part) {
    const list = make("div", { role: "tablist", class: "tab-container" });
    const panels = part.children.map((child) => {
      const button = make("button", {
        type: "button",
        role: "tab",
        id: `${child.name}-button`,
        "data-tab-id": child.props.id,
        "aria-controls": child.name,
        text: child.props.label,
      });
      const panel = make("div", { role: "tabpanel", class: "tabitem", id: child.name, "aria-labelledby": button.id });
      list.append(button);
      button.addEventListener("click", () => select(child.props.id));
      return { button, panel, child, laid: false };
    });
    let selected = null;

    function select(id) {
      if (id === selected) return;
      selected = id;
      for (const tab of panels) {
        const open = tab.child.props.id === id;
        tab.button.setAttribute("aria-selected", String(open));
        tab.button.classList.toggle("selected", open);
        tab.panel.hidden = !open;
        if (open && !tab.laid) {
          tab.laid = true;
          mount();
        }
      }
      events.fire(`tab-${id}`, "select");
    }

    // All is laid out at once, since events may change what was never seen; widgets are mounted when they are seen.
    const later = new Map();
    for (const tab of panels) {
      const outer = mounting;
      mounting = [];
      tab.panel.append(make("div", { class: "lay-column" }, ...parts(tab.child.children)));
      later.set(tab, mounting);
      mounting = outer;
    }
    const mount = () => {
      const tab = panels.find(({ child }) => child.props.id === selected);
      later.get(tab).forEach((start) => start());
      later.set(tab, []);
    };
    const element = make(
      "div",
      { class: "tabs" },
      make("div", { class: "tab-wrapper" }, list),
      ...panels.map((p) => p.panel),
    );
    join(part, { element, show: () => {}, change: ({ selected: id }) => id && select(id) });
    begin = () => select(part.props.selected ?? panels[0].child.props.id);
    return element;
  }

  let begin = () => {};
  const holder =
    (...classes) =>
    (part) =>
      dress(make("div", {}, ...parts(part.children)), part, ...classes);
  const HOLDERS = {
    row: (part) =>
      dress(make("div", {}, ...parts(part.children)), part, "lay-row", ...(part.props.equal_height ? ["equal"] : [])),
    column: holder("lay-column"),
    form: holder("lay-form"),
    group: holder("lay-form"),
    accordion,
    tabs,
    html: widget,
    plot,
  };

  /** @param {any} part @returns {HTMLElement} */
  function lay(part) {
    return HOLDERS[part.kind]?.(part) ?? control(part);
  }

  document.getElementById("page").append(lay(page.root));
  mounting.forEach((start) => start());
  begin();
}

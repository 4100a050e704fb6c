// Making what is shown, with Preact. Text only ever becomes text: nothing in the page reads markup from a string.

import { Component, h } from "./vendor/preact.js";

export { Component, Fragment, h, render } from "./vendor/preact.js";

// A component that is drawn again only when one of its properties is another one.
export function memo(draw) {
  return class extends Component {
    shouldComponentUpdate(next) {
      const names = Object.keys({ ...this.props, ...next });
      return names.some((name) => name !== "children" && this.props[name] !== next[name]);
    }

    render(props) {
      return draw(props);
    }
  };
}

// A function that is computed again only when one of its arguments is another one.
export function remember(compute) {
  let held = [];
  let result;
  return (...given) => {
    if (given.length !== held.length || given.some((one, at) => one !== held[at])) {
      held = given;
      result = compute(...given);
    }
    return result;
  };
}

export const PHONE = globalThis.matchMedia?.("(max-width: 720px)"); // of which phone.css shows one tab at a time

export const icon = (name, more = "") =>
  h("svg", { class: `i ${more}`, "aria-hidden": "true" }, h("use", { href: `#i-${name}` }));

// What somebody else wrote: isolated, so that its direction turns nothing around it.
export const foreign = (tag, attributes, value) => h(tag, { dir: "auto", ...attributes }, value);

// What the server says, with its commands in backticks.
export const spoken = (said) => String(said ?? "").split(/`([^`]+)`/).map((part, at) => (at % 2 ? h("code", {}, part) : part));

const LONGEST = 300; // characters of a text on one line

// A quote as it is read: without the marks of Markdown.
export const unmarked = (text) =>
  oneLine(text)
    .replace(/^\s*(?:(?:[-*+>]|#{1,6}|\d{1,3}[.)])\s+)*(?:\[[ xX]?\]\s+)?/, "")
    .replace(/!?\[([^[\]]*)\]\([^()\s]*\)/g, "$1")
    .replace(/\*\*|~~|`|(?<![\p{L}\p{N}])(?:__|\*)(?=\S)|(?<=\S)(?:__|\*)(?![\p{L}\p{N}])/gu, "")
    .trim();

// One line of a row: the whole text stands in the item's own view.
export function oneLine(value) {
  const line = String(value ?? "")
    .slice(0, LONGEST + 1)
    .replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, "")}…` : line; // no half of a sign
}

// A link out of the page, where the address is one of the web; else its text.
export function link(address) {
  const known = /^https?:\/\//i.test(address) && URL.canParse(address);
  if (!known) return foreign("span", {}, address);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, oneLine(address));
}

// A button that does what is named in it; see converse.js.
export const button = (name, act, attributes, ...children) =>
  h("button", { type: "button", class: name, "data-act": act, ...attributes }, ...children);

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);
export const CTRL = isMac ? "⌘" : "Ctrl";

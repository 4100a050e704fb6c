// Making elements. Text only ever becomes text: nothing here, or anywhere in the page, reads markup from a string.

// h("li", { class: "row", tabindex: -1 }, "text", element, null): null and false are left out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) attribute(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== false));
  return element;
}

// Sets an attribute if it is not so already; null and false take it away.
export function attribute(element, name, value) {
  const wanted = value === true ? "" : value;
  if (wanted === null || wanted === false || wanted === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(wanted)) element.setAttribute(name, wanted);
}

// Sets the text if it is not so already: what does not change costs no layout.
export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

// Hides it or shows it, if it is not so already.
export function hide(element, hidden) {
  attribute(element, "hidden", hidden);
}

// What somebody else wrote: isolated, so that its direction turns nothing around it.
export function foreign(tag, attributes, value) {
  return h(tag, { dir: "auto", ...attributes }, value);
}

const LONGEST = 300;

// One line of a row: the whole text stands in the item's own view.
export function oneLine(value) {
  const line = String(value ?? "")
    .slice(0, LONGEST + 1)
    .replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

// A link out of the page, where the address is one of the web; else its text.
export function link(address) {
  const known = /^https?:\/\//i.test(address) && URL.canParse(address);
  if (!known) return foreign("span", {}, address);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, oneLine(address));
}

// The row of one item: its code and title, what else there is to know in a few words, and its actions.

import { attribute, h, hide, oneLine, text } from "./dom.js";
import { dayOf, due } from "./dates.js";

const button = (name, act, ...children) =>
  h("button", { class: name, type: "button", tabindex: -1, "data-act": act }, ...children);

// Copied for each row: a third of the time that making its parts one by one takes.
const blank = h(
  "li",
  {},
  h("span", { class: "when" }),
  button(
    "opener",
    "open",
    h("span", { class: "code" }),
    h("span", { class: "mark", role: "img" }),
    h("span", { class: "title", dir: "auto" }),
  ),
  h("span", { class: "by" }),
  h("span", { class: "meta" }),
  button("check", "check"),
  button("more", "menu", "⋯"),
);

// {element, fill(entry), by}. `describe(entry)` gives {title, meta: [[class, text]...], when, mark, classes, done}:
// `mark` is a word for a sign before the title, `done` whether its check mark is set (left out: it has none).
export function itemRow(describe) {
  const element = blank.cloneNode(true);
  const [when, open, by, meta, check, more] = element.children;
  const [code, mark, title] = open.children;

  function fill(entry) {
    const { item } = entry;
    const said = describe(entry);
    const lit = element.classList.contains("flash") && "flash";
    const classes = ["row", ...said.classes, item.doing && "doing", item.going && "going", lit];
    attribute(element, "class", classes.filter(Boolean).join(" "));
    attribute(element, "data-code", item.code ?? null);
    attribute(element, "aria-busy", item.doing ? "true" : null);
    text(code, item.code ?? "");
    hide(more, !item.code);
    text(title, oneLine(said.title));
    text(when, said.when ?? "");
    hide(mark, !said.mark);
    text(mark, said.mark ? "!" : "");
    attribute(mark, "aria-label", said.mark ?? null);
    meta.replaceChildren(
      ...said.meta.map(([name, value]) => h("span", { class: name, dir: "auto" }, oneLine(value))),
    );
    hide(check, said.done === undefined);
    text(check, said.done ? "↺" : "✓");
    attribute(check, "aria-label", said.done ? `Reopen ${item.code}` : `Done ${item.code}`);
    attribute(more, "aria-label", `Actions of ${item.code}`);
  }
  return { element, fill, by };
}

// A row that parts a list: {key, item: its text}.
export function heading() {
  const title = h("h3", {});
  const note = h("span", { class: "note" });
  return {
    element: h("li", { class: "head" }, title, note),
    fill: ({ item, look }) => {
      text(title, item);
      text(note, look);
    },
  };
}

// A Map of the sources whose word is not up to date to how they are: stale, offline, error.
export function troubledSources(view) {
  const troubled = new Map();
  for (const { id, status } of view.items("sources")) if (status !== "online") troubled.set(id, status);
  return troubled;
}

// What else than the item decides what the row of one with a due date says: the day, since the date reads otherwise
// when that has changed, whether it has passed, and how its source is.
export function dueLook(item, now, troubled) {
  return `${item.due_date ? dayOf(now) + due(item, now)?.state : ""}\t${troubled.get(item.source) ?? ""}`;
}

// When an item is due, as a part of `meta`; nothing where no date is set.
export function dueOf(item) {
  const date = due(item, Date.now());
  return date ? [[`due ${date.state}`, date.text]] : [];
}

// The source of an item as a part of `meta`, with its `trouble` if it has one; nothing for what people added.
export function sourceOf({ source }, trouble) {
  if (!source) return [];
  return [trouble ? ["source stale", `${source} (${trouble})`] : ["source", source]];
}

// One item beside the list: its text, which can be changed where it stands, its fields, what can be done, its history.

import { actionsOf } from "../actions.js";
import { age, dayAndTime } from "../dates.js";
import { nameOf } from "../model/now.js";
import { button, Component, foreign, h, icon, link, oneLine } from "../ui.js";

const INSTANTS = ["start", "end", "due_date", "snoozed_until"];
const FIELDS = {
  start: "Begins",
  end: "Ends",
  status: "Status",
  urgency: "Urgency",
  due_date: "Due",
  snoozed_until: "Snoozed until",
  person: "With",
  assignee: "Written",
  location: "Place",
  attendees: "Attendees",
  source: "Source",
  held: "Set by people",
  note: "Note",
  evidence: "Evidence",
  url: "Link",
};
// Said in another place of the view, or meant for programs.
const ELSEWHERE = ["id", "rev", "code", "description", "all_day", "important_by_rule", "doing", "going"];

export function ItemPanel({ page, at }) {
  const { section, id, code } = page.ui.panel;
  const { sections } = page.view;
  const item = page.view.item(section, id);
  const { noun } = sections.get(section);
  const from = item?.source ? `, from ${item.source}` : "";
  return h(
    "section",
    { id: "item", class: item ? "panel" : "panel gone", "aria-labelledby": "item-title" },
    h(
      "header",
      {},
      h(
        "h2",
        { id: "item-title", tabIndex: -1 },
        h("span", { class: "code" }, item?.code ?? code),
        " ",
        h("span", { dir: "auto" }, noun[0].toUpperCase() + noun.slice(1) + from),
      ),
      h(
        "span",
        { class: "end" },
        button("btn ico close", "close-panel", { "aria-label": "Close the item" }, icon("x")),
      ),
    ),
    h(
      "div",
      { class: "body", tabIndex: 0, role: "group", "aria-labelledby": "item-title" },
      item
        ? h(Title, { key: item.id, page, section, item })
        : foreign("p", { class: "headline" }, page.ui.panel.headline),
      item && h("dl", { class: "fields" }, fields(item, sections.get(section).headline, at)),
      item?.description &&
        sections.get(section).headline !== "description" &&
        foreign("div", { class: "prose" }, item.description),
      h("h3", {}, "History"),
      page.history.said && h("p", { class: "none" }, page.history.said),
      h(
        "ol",
        { class: "hist past" },
        page.history.entries.map((entry, number, all) => happening(entry, all[number + 1], at)),
      ),
    ),
    h(
      "footer",
      { class: "actions", role: "group", "aria-label": "Actions" },
      item && h(Actions, { all: actionsOf(sections, section, item), item }),
    ),
  );
}

// The text is changed where it stands, and ways to snooze are one button.
function Actions({ all, item }) {
  const isSnooze = ({ name }) => name.startsWith("Snooze");
  const shown = all
    .map((action, number) => ({ action, number }))
    .filter(({ action }) => action.keys !== "F2" && !isSnooze(action));
  const [first, ...rest] = shown.map((one) => h(Action, { key: one.action.name, item, ...one }));
  const snooze =
    all.some(isSnooze) &&
    button("btn", "snooze", { key: "snooze", "data-code": item.code }, icon("moon"), "Snooze …");
  return [first, snooze, ...rest];
}

function Action({ action, item, number }) {
  const main = number === 0 ? "main" : action.keys === "Delete" ? "bare" : "";
  return button(`btn ${main}`, "do", { "data-code": item.code, "data-number": number }, action.name);
}

const LONG = 400; // a field that grows with its text takes a second to lay out ten thousand letters

// The text looks like text until it is pointed at; Enter or leaving it saves it, as the line that one could type.
class Title extends Component {
  render({ page, section, item }) {
    const said = page.view.sections.headline(section, item);
    const save = (event) => {
      const text = event.target.value.replace(/\s+/g, " ").trim();
      if (text && text !== said) page.rename(item.code, text);
      else event.target.value = said;
    };
    const key = (event) => {
      if (event.key === "Enter") event.target.blur();
      if (event.key === "Escape") event.target.value = said;
      if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
    };
    return h("textarea", {
      class: said.length > LONG ? "title-in headline long" : "title-in headline",
      key: said,
      defaultValue: said,
      dir: "auto",
      rows: said.length > LONG ? 8 : 1,
      maxLength: 4000,
      "aria-label": `Text of ${item.code}`,
      title: `update ${item.code} …`,
      onBlur: save,
      onKeyDown: key,
    });
  }
}

// Those that are known first, then whatever else the item says.
function fields(item, headline, at) {
  const shown = new Set([...Object.keys(FIELDS), ...Object.keys(item)]);
  for (const name of [...ELSEWHERE, headline]) shown.delete(name);
  if (item.assignee === item.person) shown.delete("assignee");
  return [...shown].flatMap((name) => {
    const value = item[name];
    if (value === null || value === undefined || value === false || value.length === 0) return [];
    const label = FIELDS[name] ?? words(name);
    const said = name === "url" ? link(value) : foreign("span", {}, told(name, value, at));
    return [h("dt", { key: `t ${name}` }, label), h("dd", { key: `d ${name}` }, said)];
  });
}

// due_date: "Due date"
function words(name) {
  const said = name.replaceAll("_", " ");
  return said[0].toUpperCase() + said.slice(1);
}

function told(name, value, at) {
  if (name === "held") return value.map(words).join(", ").toLowerCase();
  if (Array.isArray(value)) return value.map((one) => told("", one, at)).join(", ");
  if (value?.quote) return `${value.file}:${value.line} “${value.quote}”`;
  if (value === true) return "yes";
  if (typeof value === "object") return JSON.stringify(value);
  return (INSTANTS.includes(name) && dayAndTime(value, at)) || String(value);
}

// A change as a sentence: who, when, and what became of what. `before` is the entry that came before it.
function happening({ at: when, cause, change }, before, at) {
  return h(
    "li",
    { key: `${when} ${change.rev}` },
    h("span", { class: "what" }, ...what(change, before?.change, at)),
    h(
      "small",
      {},
      foreign("b", {}, oneLine(nameOf(cause.actor))),
      " ",
      h("time", { datetime: when }, age(when, at)),
      cause.command && [", ", foreign("code", {}, oneLine(cause.command))],
    ),
  );
}

function what({ put, set, gone }, before, at) {
  if (gone) return ["Removed"];
  if (put) return [before ? "Written anew" : "Added"];
  const changed = Object.entries(set).filter(([name]) => name !== "rev" && name !== "held");
  const known = before?.put ?? before?.set ?? {};
  if (changed.length === 0) return ["Kept as it is"];
  return changed.flatMap(([name, value], number) => {
    const old = known[name];
    const parts = [number ? ", " : "", FIELDS[name] ?? words(name), " "];
    if (old !== undefined && old !== null)
      parts.push(h("s", {}, foreign("span", {}, oneLine(told(name, old, at)))), " → ");
    parts.push(foreign("b", {}, value === null ? "nothing" : oneLine(told(name, value, at))));
    return parts;
  });
}

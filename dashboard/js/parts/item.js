// One item beside the list: its text, which can be changed where it stands, its fields, what can be done, its history.

import { actionsOf } from "../actions.js";
import { clock, dayAndTime, dayOf, isDate, ms } from "../dates.js";
import { initials } from "../model/groups.js";
import { sourceName } from "../model/sources.js";
import { recordsIn } from "../records.js";
import { say } from "../words.js";
import { button, Component, foreign, h, icon, link, oneLine, unmarked } from "../ui.js";
import { FieldEditor } from "./edit.js";
import { History } from "./past.js";
import { told, words } from "./value.js";

// What is read only, in this order, and then whatever else the item says.
const READ = ["start", "end", "status", "answer", "location", "attendees", "organizer", "direction", "snoozed_until", "url"];
// Said in another place of the view, or meant for programs.
const ELSEWHERE =
  "answers id rev code description all_day due_before important important_by_rule doing going held source source_values evidence note join_url moved_from line why doubt about since_s at busy private person"
    .split(" ");
const PLAIN = ["status open", "status pending", "status confirmed"];

export function ItemPanel({ page, at }) {
  const { section, id, code } = page.ui.panel;
  const { sections } = page.view;
  const item = page.view.item(section, id);
  const { noun } = sections.get(section);
  const name = say.nouns[noun] ?? noun[0].toUpperCase() + noun.slice(1);
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
        h("span", { dir: "auto" }, item?.source ? say.fromSource(name, item.source) : name),
      ),
      h("span", { class: "end" }, button("btn ico close", "close-panel", { "aria-label": say.closeItem }, icon("x"))),
    ),
    h(
      "div",
      { class: "body", tabIndex: 0, role: "group", "aria-labelledby": "item-title" },
      item
        ? h(Title, { key: item.id, page, section, item })
        : foreign("p", { class: "headline" }, page.ui.panel.headline),
      item && h("dl", { class: "fields" }, decided(item, section, page, at), fields(item, sections.get(section), at)),
      item && hasNote(item, sections.get(section)) && h(Note, { page, item, at }),
      item?.description &&
        sections.get(section).headline !== "description" &&
        foreign("div", { class: "prose" }, item.description),
      item?.evidence && h(Evidence, { evidence: item.evidence, source: item.source }),
      h(History, { page, item, at, section }),
    ),
    h(
      "footer",
      { class: "actions", role: "group", "aria-label": say.actions },
      item && h(Actions, { all: actionsOf(sections, section, item), item }),
    ),
  );
}

// What is changed where it stands is no button here, and ways to snooze are one.
function Actions({ all, item }) {
  const shown = all
    .map((action, number) => ({ action, number }))
    .filter(({ action }) => !action.field && !action.snooze && !action.keys?.startsWith("Alt"));
  const [first, ...rest] = shown.map((one) => h(Action, { key: one.action.name, item, ...one }));
  const snooze =
    all.some((one) => one.snooze) &&
    button("btn", "snooze", { key: "snooze", "data-code": item.code }, icon("moon"), say.snooze, " …");
  return [first, snooze, ...rest];
}

const SIGNS = { approve: "check", brief: "file", done: "check" };

function Action({ action, item, number }) {
  const sign = number === 0 && SIGNS[action.line?.split(" ")[0]];
  const main = number === 0 ? "main" : action.keys === "Delete" ? "bare" : "";
  return button(`btn ${main}`, "do", { "data-code": item.code, "data-number": number, title: action.line }, sign && icon(sign), action.name);
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
      "aria-label": say.textOf(item.code),
      title: `update ${item.code} …`,
      onBlur: save,
      onKeyDown: key,
    });
  }
}

// The fields that people decide: each shows what it is, what its source says where a person decided otherwise, and becomes
// a field when it is pointed at.
function decided(item, section, page, at) {
  const { fields: known = [] } = page.view.sections.get(section);
  return known
    .filter(({ word }) => word !== "note" && word !== "rank")
    .flatMap(({ word, field }) => [
      h("dt", { key: `t ${word}` }, section === "commitments" && word === "assign" ? say.fields.person : (say.fields[field] ?? words(field))),
      h("dd", { key: `d ${word}`, class: "decided" }, h(Decided, { page, item, section, word, field, at })),
    ]);
}

function Decided({ page, item, section, word, field, at }) {
  const { editing, fault, people, undo } = page.editingOf(item, at, true);
  if (word === "urgency") return [h(Segments, { item }), h(Held, { item, word, field, at }), page.undoneField(item.id) === field && h(Back, { undo })];
  if (editing === word) return h(FieldEditor, { code: item.code, word, item, at, fault, people });
  return [
    button(
      "value",
      "field",
      { "data-word": word, "data-code": item.code, "data-panel": "true", title: `${word} ${item.code} …` },
      h(Value, { item, field, at }),
    ),
    word === "takes" && item.minutes && h(Fits, { page, item, at }),
    word === "due" && h(Before, { page, item }),
    h(Held, { item, word, field, at }),
    page.undoneField(item.id) === field && h(Back, { undo }),
  ];
}

const Back = ({ undo }) => undo && button("undo", "undo", { "data-handle": undo }, say.undo);

function Value({ item, field, at }) {
  const value = field === "assignee" ? (item.person ?? item.assignee) : item[field];
  if (value === null || value === undefined || value === "") return h("span", { class: "empty" }, say.noneSet);
  if (field === "assignee") {
    const name = oneLine(value);
    return [h("span", { class: "face small", "aria-hidden": "true" }, initials(name)), foreign("b", {}, name)];
  }
  const sign = { due_date: "calendar", minutes: "clock" }[field];
  return [sign && icon(sign), foreign("b", {}, told(field, value, at))];
}

function Segments({ item }) {
  return h(
    "span",
    { class: "segments", role: "group", "aria-label": say.fields.urgency },
    ["low", "medium", "high"].map((one) =>
      button(
        one === item.urgency ? "on" : "",
        "line",
        {
          key: one,
          "aria-pressed": String(one === item.urgency),
          "data-line": `urgency ${item.code} ${one}`,
          title: `urgency ${item.code} ${one}`,
        },
        say.urgencies[one],
      ),
    ),
  );
}

// What the source says of a field that a person decided, and the way to give it back.
function Held({ item, word, field, at }) {
  if (!item.held?.includes(field) || !item.source) return null;
  const says = item.source_values ?? {};
  const line = `release ${item.code} ${word}`;
  return h(
    "span",
    { class: "held" },
    field in says ? say.yoursSays(sourceName(item.source), told(field, says[field], at)) : say.yours,
    " ",
    button("link", "line", { "data-line": line, title: line }, say.useThat),
  );
}

// The event that it is due before: the date moves with it.
function Before({ page, item }) {
  const before = page.before(item);
  if (!before) return null;
  return h(
    "span",
    { class: "held" },
    say.beforeWord,
    " ",
    button("code", "open", { "data-code": before.code }, before.code),
    " ",
    foreign("span", {}, before.title),
  );
}

function Fits({ page, item, at }) {
  if (!page.meetings(at).some(({ from }) => from > at)) return null; // all of the day is free
  const room = page.rooms(at).find(({ from, to }) => to - from >= item.minutes * 60_000);
  return h("span", { class: "held" }, room ? say.fits(clock(Math.max(room.from, at)), clock(room.to)) : say.fitsNot);
}

const hasNote = (item, { fields: known = [] }) => known.some(({ word }) => word === "note") || item.note;

function Note({ page, item, at }) {
  const { editing, fault } = page.editingOf(item, at, true);
  if (editing === "note") return h("div", { class: "note-field" }, h(FieldEditor, { code: item.code, word: "note", item, at, fault }));
  return button(
    item.note ? "note-field" : "note-field empty",
    "field",
    { "data-word": "note", "data-code": item.code, "data-panel": "true", title: `note ${item.code} …` },
    foreign("span", {}, item.note ?? say.writeNote),
  );
}

// The words that say so; they open the record that they stand in.
export function Evidence({ evidence: { file, line, quote }, source }) {
  const [id] = recordsIn([file]);
  const place = [source && sourceName(source), file.replace(/^records\//, ""), line && say.line(line)].filter(Boolean).join(", ");
  return [
    h("h3", {}, say.whereFrom),
    button(
      "from-record",
      "record",
      { "data-quote": quote, "data-refs": id, "data-ref": id, title: say.openRecord },
      icon("note"),
      h("span", {}, foreign("q", {}, `“${unmarked(quote)}”`), h("small", { dir: "auto" }, oneLine(place))),
    ),
  ];
}

// Those that are known first, then whatever else the item says.
function answered(who) {
  const found = this.answers?.find(({ attendee }) => attendee === who);
  return found ? `${who} (${say.answers[found.answer]})` : who;
}

function fields(item, { headline, fields: known = [] }, at) {
  const shown = new Set([...READ, ...Object.keys(item)]);
  for (const name of [...ELSEWHERE, headline, ...known.map(({ field }) => field)]) shown.delete(name);
  if (item.end && !isDate(item.start) && dayOf(ms(item.start)) === dayOf(ms(item.end))) shown.delete("end");
  return [...shown].flatMap((name) => {
    const value = item[name];
    if (value === null || value === undefined || value === false || value.length === 0) return [];
    if (PLAIN.includes(`${name} ${value}`)) return [];
    const label = say.fields[name] ?? words(name);
    const hours = name === "start" && !shown.has("end") && item.end ? `${dayAndTime(value, at)}–${clock(ms(item.end))}` : null;
    const said = name === "url" ? link(value) : foreign("span", {}, hours ?? told(name, name === "attendees" ? value.map(answered, item) : value, at));
    return [h("dt", { key: `t ${name}` }, label), h("dd", { key: `d ${name}` }, said)];
  });
}

// What the command line says: what was found, what the line would do, how it could go on, and all commands.

import { age, dayAndTime, dueShort } from "../dates.js";
import { placeOf } from "../model/join.js";
import { button, CTRL, foreign, h, icon, link, oneLine } from "../ui.js";
import { answer } from "./answers.js";

const SIGNS = { calendar: "calendar", priorities: "flag", commitments: "user" };

export function Found({ palette, at }) {
  const { line, alone, search, suggestions, plan, help, active, sections, isCommand } = palette;
  let number = 0;
  const option = (draw) => draw(number, number++ === active);
  const boards = Map.groupBy(search.board, ({ section }) => section);
  const hasOptions = alone.length + search.board.length + suggestions.length > 0;
  return [
    help && h(Help, { help }),
    plan &&
      h(
        "div",
        { id: "plan", class: "plan", role: "status" },
        h("h3", {}, plan.ack.ok ? "Will do" : "Not yet"),
        answer(plan.ack, plan.line, "not yet"),
      ),
    h(
      "div",
      { id: "found", class: "found", role: "group", "aria-label": "Found" },
      h(
        "div",
        { id: "options", role: "listbox", "aria-label": "Suggestions", hidden: !hasOptions },
        alone.map((one) =>
          option((at2, on) =>
            h(Option, {
              key: "alone",
              id: at2,
              on,
              name: "terminal",
              title: one.line,
              small: one.help,
              kind: "line",
            }),
          ),
        ),
        [...boards].map(([section, hits]) =>
          h(
            "div",
            { key: section, class: "on-board", role: "group", "aria-label": title(sections.get(section)) },
            h("h3", { "aria-hidden": "true" }, title(sections.get(section))),
            hits.map((hit) =>
              option((at2, on) =>
                h(Option, {
                  key: hit.item.id,
                  id: at2,
                  on,
                  name: SIGNS[section] ?? "flag",
                  title: marked(hit.title, search.query),
                  small: about(hit, at),
                  code: hit.item.code,
                  kind: "row",
                }),
              ),
            ),
          ),
        ),
        suggestions.length > 0 &&
          h(
            "div",
            { id: "suggestions", role: "group", "aria-label": isCommand ? "Go on with" : "Do" },
            h("h3", { "aria-hidden": "true" }, isCommand ? "Go on with" : "Do"),
            suggestions.map(({ text, help: words }) =>
              option((at2, on) =>
                h(Option, { key: text, id: at2, on, name: "terminal", title: text, small: words, kind: "line" }),
              ),
            ),
          ),
      ),
      search.query && h(Records, { search, at }),
    ),
    h(Foot, { line, isCommand, search }),
  ];
}

const title = ({ nouns }) => nouns[0].toUpperCase() + nouns.slice(1);

// What tells equal titles apart: the day and time, the person, the due date.
function about({ section, item }, at) {
  const due = dueShort(item, at);
  const said = [
    item.start && dayAndTime(item.start, at),
    item.person || item.assignee,
    due?.text,
    section === "calendar" && placeOf(item),
    item.status !== "open" && item.status !== "pending" && item.status,
  ];
  return said.filter(Boolean).join(", ");
}

function Option({ id, on, name, title: said, small, code, kind }) {
  return h(
    "div",
    { id: `option-${id}`, role: "option", "aria-selected": String(on), class: `hit ${kind} ${on ? "on" : ""}` },
    icon(name),
    h(
      "span",
      { class: "ht" },
      foreign("span", { class: "title" }, typeof said === "string" ? oneLine(said) : said),
      " ",
      small && foreign("small", { class: "help" }, oneLine(small)),
    ),
    code && h("span", { class: "code" }, code),
    on && h("kbd", {}, "Enter"),
  );
}

// The words that were looked for, marked where a title begins with them or has them inside.
function marked(said, query) {
  const line = oneLine(said);
  const word = query.replace(/["*]/g, "").split(/\s+/).filter(Boolean)[0]?.toLowerCase();
  const at = word ? line.toLowerCase().indexOf(word) : -1;
  if (at < 0 || line.toLowerCase().length !== line.length) return line;
  return [line.slice(0, at), h("mark", {}, line.slice(at, at + word.length)), line.slice(at + word.length)];
}

function Records({ search, at }) {
  const { records, trouble, board } = search;
  const nothing = board.length ? "" : "Nothing on the board. ";
  const said = trouble || (records ? summary(records) : "looking through the records …");
  return [
    h("h3", {}, "Said and written", records?.hits.length ? h("span", { class: "n" }, records.total) : null),
    h("p", { class: "none note", role: "status" }, nothing + said),
    h(
      "ol",
      { class: "records", "aria-label": "In the records" },
      (records?.hits ?? []).map((hit) => h(Hit, { key: `${hit.source}/${hit.id}`, hit, at })),
    ),
    search.hasMore && button("btn further", "further", {}, "More"),
  ];
}

function summary({ hits, total, took_ms: took, at_least: atLeast, partial, ranked, left_out: leftOut }) {
  const found = `${atLeast ? "at least " : ""}${total} in the records`;
  const many = hits.length ? found + (typeof took === "number" ? `, in ${Math.round(took)} ms` : "") : "";
  return [
    many || "Nothing in the records",
    hits.length && ranked === "newest" && "the newest come first",
    partial && "the time was over before all of them were looked through",
    leftOut && (leftOut === 1 ? "one word of it was left out" : `${leftOut} words of it were left out`),
  ]
    .filter(Boolean)
    .join("; ")
    .concat(".");
}

function Hit({ hit: { name, source, at: when, author, kind, title: said, snippet, marks, url }, at }) {
  const where = [author, kind, when && age(when, at), source].filter(Boolean).join(", ");
  return h(
    "li",
    { class: "hit record" },
    icon(/mail/.test(source) ? "mail" : /slack|chat/.test(source) ? "message" : "note"),
    h(
      "span",
      { class: "ht" },
      foreign("b", {}, oneLine(said)),
      " ",
      foreign("small", { class: "source" }, oneLine(where)),
      foreign("p", {}, snippetOf(snippet, marks)),
      url && link(url),
    ),
    name && h("span", { class: "code" }, name),
  );
}

// Places count code points.
function snippetOf(snippet, marks) {
  const points = [...snippet];
  const parts = [];
  let done = 0;
  for (const [start, end] of marks ?? []) {
    parts.push(points.slice(done, start).join(""), h("mark", {}, points.slice(start, end).join("")));
    done = end;
  }
  return [...parts, points.slice(done).join("")];
}

const KEYS = [
  ["any letter", "opens this line, with the command it stands for"],
  [`${CTRL} K`, "opens this line"],
  ["/", "searches"],
  ["↑ ↓ ← →", "from row to row, from panel to panel"],
  ["Enter", "opens the row; on a person shows what is open"],
  [`${CTRL} Enter`, "done"],
  ["F2", "changes the text"],
  [".", "what can be done with the row"],
  ["Delete", "removes"],
  [`${CTRL} Z`, "takes the last line back"],
  ["Esc", "closes, one thing at a time"],
];

function Help({ help }) {
  return h(
    "div",
    { id: "help", class: "help-list" },
    h("h3", {}, "Commands"),
    h(
      "dl",
      {},
      help.flatMap(({ usage, help: words }) => [h("dt", {}, h("code", {}, usage)), h("dd", {}, words)]),
    ),
    h("h3", {}, "Keys"),
    h(
      "dl",
      {},
      KEYS.flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)]),
    ),
  );
}

function Foot({ line, isCommand, search }) {
  const enter = isCommand ? "do it" : search.board.length ? "open" : line ? "do it" : "";
  return h(
    "footer",
    { class: "foot" },
    enter && h("span", {}, h("kbd", {}, "Enter"), enter),
    h("span", { class: "wide" }, h("kbd", {}, "Tab"), "complete"),
    button("plain", "help", {}, h("kbd", {}, "?"), "all commands"),
    h("span", { class: "end wide" }, h("kbd", {}, "Esc"), "close"),
  );
}

// What the command line says: what was found, what the line would do, how it could go on, and all commands.

import { age, clock, dayAndTime, dueShort, isDate, ms } from "../dates.js";
import { placeOf } from "../model/join.js";
import { nameOf } from "../model/now.js";
import { sourceName } from "../model/sources.js";
import { say } from "../words.js";
import { button, CTRL, foreign, h, icon, link, oneLine, spoken } from "../ui.js";
import { Plan } from "./plan.js";

const SIGNS = { calendar: "calendar", priorities: "flag", commitments: "user" };

export function Found({ palette, at }) {
  const { line, alone, search, suggestions, plan, help, active, sections, isCommand, view } = palette;
  let number = 0;
  const option = (draw) => draw(number, number++ === active);
  const boards = Map.groupBy(search.board, ({ section }) => section);
  const hasOptions = alone.length + search.board.length + suggestions.length > 0;
  return [
    help && h(Help, { help }),
    plan && h(Plan, { plan, view, at }),
    h(
      "div",
      { id: "found", class: "found", role: "group", "aria-label": say.found },
      h(
        "div",
        { id: "options", role: "listbox", "aria-label": say.suggestions, hidden: !hasOptions },
        alone.map((one) =>
          option((at2, on) =>
            h(Option, {
              key: `alone ${one.line ?? one.prefill}`,
              id: at2,
              on,
              name: "terminal",
              title: one.line ?? `${one.prefill}…`,
              small: one.help,
              kind: "line",
            }),
          ),
        ),
        [...boards].map(([section, hits]) =>
          h(
            "div",
            { key: section, class: "on-board", role: "group", "aria-label": title(section, sections.get(section)) },
            h("h3", { "aria-hidden": "true" }, title(section, sections.get(section))),
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
            { id: "suggestions", role: "group", "aria-label": isCommand ? say.goOnWith : say.do },
            h("h3", { "aria-hidden": "true" }, isCommand ? say.goOnWith : say.do),
            suggestions.map(({ text, help: words }) =>
              option((at2, on) =>
                h(Option, {
                  key: text,
                  id: at2,
                  on,
                  name: "terminal",
                  title: text,
                  small: [say.server(words), told(text, view, at)].filter(Boolean).join(" · "),
                  kind: "line",
                }),
              ),
            ),
          ),
      ),
      search.query && h(Records, { search, at }),
    ),
    h(Foot, { line, isCommand, search, plan }),
  ];
}

const title = (section, { nouns }) => say.sections[section] ?? nouns[0].toUpperCase() + nouns.slice(1);

const PLAIN = ["open", "pending", "confirmed"];

// What tells equal titles apart: the day and time, the person, the due date.
function about({ section, item }, at) {
  const due = dueShort(item, at);
  const end = item.end && !isDate(item.end) ? `–${clock(ms(item.end))}` : "";
  const said = [
    item.start && dayAndTime(item.start, at) + end,
    item.person || item.assignee,
    due?.text,
    section === "calendar" && placeOf(item),
    item.status && !PLAIN.includes(item.status) && (say.statuses[item.status] ?? item.status),
  ];
  return said.filter(Boolean).join(", ");
}

// The same for the item that a suggested line is about.
function told(text, view, at) {
  const code = text.match(/\b[A-Z]\d+\b/g)?.at(-1);
  const named = code && view.named(code);
  return named ? about(named, at) : "";
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
  const nothing = board.length ? "" : say.nothingOnBoard;
  const said = trouble || (records ? summary(records) : say.lookingThrough);
  return [
    h("h3", {}, say.saidAndWritten),
    h(Filters, { search }),
    h("p", { class: "none note", role: "status" }, nothing + said),
    h(
      "ol",
      { class: "records", "aria-label": say.inTheRecords },
      (records?.hits ?? []).map((hit) => h(Hit, { key: `${hit.source}/${hit.id}`, hit, at })),
    ),
    search.hasMore && button("btn further", "further", {}, say.moreHits),
  ];
}

// Where and when: chosen with a click, one of each.
function Filters({ search }) {
  const sources = search.sources();
  if (!search.records || (sources.length < 2 && !search.isFiltered)) return null;
  const chip = (name, value, said) =>
    button(
      (search.filters[name] ?? "") === value ? "chip-button on" : "chip-button",
      "filter",
      { key: `${name} ${value}`, "data-name": name, "data-value": value, "aria-pressed": String((search.filters[name] ?? "") === value) },
      said,
    );
  return h(
    "div",
    { class: "filters", role: "group", "aria-label": say.filters },
    chip("source", "", say.everything),
    sources.map((id) => chip("source", id, sources.filter((other) => sourceName(other) === sourceName(id)).length > 1 ? id : sourceName(id))),
    chip("days", "7", say.ofTheWeek),
    chip("days", "30", say.ofTheMonth),
  );
}

function summary({ hits, total, took_ms: took, at_least: atLeast, partial, ranked, left_out: leftOut }) {
  const many = hits.length ? say.hitsFound(total, atLeast, typeof took === "number" ? Math.round(took) : 0) : "";
  return [
    many || say.nothingInRecords,
    hits.length && ranked === "newest" && say.newestFirst,
    partial && say.partial,
    leftOut && say.leftOut(leftOut),
  ]
    .filter(Boolean)
    .join("; ")
    .concat(".");
}

function Hit({ hit: { name, source, at: when, author, kind, title: said, snippet, marks, url }, at }) {
  const where = [author && ((/@/.test(author) && nameOf(author)) || author), !source.startsWith(kind) && kind, when && age(when, at), source].filter(Boolean).join(", ");
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

// The signs of headings and lists, anywhere in what was one line each.
const unlisted = (points) => points.join("").replace(/(^|\s)(?:#{1,6}|[-*+](?:\s\[[ xX]\])?)(?=\s)/g, "$1");

// Places count code points.
function snippetOf(snippet, marks) {
  const points = [...snippet];
  const parts = [];
  let done = 0;
  for (const [start, end] of marks ?? []) {
    parts.push(unlisted(points.slice(done, start)), h("mark", {}, points.slice(start, end).join("")));
    done = end;
  }
  return [...parts, unlisted(points.slice(done))];
}

const KEYS = () => [
  [say.anyLetter, say.keys.letter],
  [`${CTRL} K`, say.keys.open],
  ["/", say.keys.search],
  ["↑ ↓ ← →", say.keys.arrows],
  ["Enter", say.keys.enter],
  [`${CTRL} Enter`, say.keys.done],
  ["F2", say.keys.text],
  ["D U P N S T", say.keys.row],
  [".", say.keys.menu],
  ["Alt ↑ ↓", say.keys.rank],
  ["Delete", say.keys.remove],
  [`${CTRL} Z`, say.keys.undo],
  ["Esc", say.keys.escape],
];

function Help({ help }) {
  return h(
    "div",
    { id: "help", class: "help-list" },
    h("h3", {}, say.commandsTitle),
    h(
      "dl",
      {},
      help.flatMap(({ usage, help: words }) => [h("dt", {}, h("code", {}, usage)), h("dd", {}, spoken(say.server(words)))]),
    ),
    h("h3", {}, say.keysTitle),
    h(
      "dl",
      {},
      KEYS().flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)]),
    ),
  );
}

function Foot({ line, isCommand, search, plan }) {
  const steps = plan?.ack.ok ? (plan.ack.data?.steps?.length ?? 0) : 0;
  const does = steps > 1 ? say.footDoAll(steps) : say.footDo;
  const enter = isCommand ? does : search.board.length ? say.footOpen : line ? say.footDo : "";
  return h(
    "footer",
    { class: "foot" },
    enter && h("span", {}, h("kbd", {}, "Enter"), enter),
    h("span", { class: "wide" }, h("kbd", {}, "Tab"), say.footComplete),
    button("plain", "help", {}, h("kbd", {}, "?"), say.footAll),
    h("span", { class: "end wide" }, h("kbd", {}, "Esc"), say.footClose),
  );
}

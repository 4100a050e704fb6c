// The stage: one sentence about now, and one thing to do. It is what the eye finds first.

import { clock, dayName, dayOf, duration, MINUTE_MS, wholeDay } from "../dates.js";
import { join, placeOf } from "../model/join.js";
import { company, listed, now, openWith, whoOf } from "../model/now.js";
import { hours } from "../model/day.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";
import { mostUrgent } from "./list.js";

const CAPTIONS = {
  next: "Next in",
  began: "Began",
  running: "Left",
  free: "Free for",
  over: "Done",
  none: "Today",
};

// What there is to say now; also for the wall.
export function told(page, at) {
  const [events, conflicts] = [page.ordered("calendar"), page.ordered("conflicts")];
  return now({ events, conflicts, priorities: mostUrgent(page, at), at });
}

export function Stage({ page, at, state }) {
  const { kind, event, minutes } = state;
  return h(
    "section",
    { id: "now", class: `stage is-${kind}`, "aria-label": "Now and next" },
    h(Count, { kind, minutes }),
    h(
      "div",
      { class: "about" },
      h("p", { class: "eyebrow" }, ...eyebrow(state, at)),
      h("h2", {}, foreign("span", { class: "soon" }, headline(state, at))),
      h("p", { class: "line" }, ...line(state, page, at)),
      h("div", { class: "acts" }, ...acts(state, event)),
    ),
    h(Facts, { page, state, at }),
  );
}

function Count({ kind, minutes }) {
  const long = minutes >= 100 && ["next", "free", "running"].includes(kind);
  const number = long ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}` : minutes;
  const unit = { began: "ago", over: "today", none: "" }[kind] ?? "";
  const word = kind === "over" || kind === "none" ? "meeting" : "minute";
  const plain = kind === "over" || kind === "none" || !long;
  return h(
    "div",
    { class: "counter" },
    h("span", { class: "cap" }, CAPTIONS[kind]),
    h("b", { class: long ? "long" : "" }, number),
    h("span", { class: "unit" }, plain ? `${word}${minutes === 1 ? "" : "s"} ${unit}` : "hours"),
  );
}

function eyebrow({ kind, event, next, tomorrow }, at) {
  if (kind === "free")
    return [
      h("span", {}, "Next is "),
      foreign("b", {}, oneLine(event.item.title)),
      h("span", {}, `at ${clock(event.from)}`),
    ];
  if (kind === "over" || kind === "none") {
    const [name, date] = wholeDay(dayOf(at));
    const begins = tomorrow
      ? `${dayName(tomorrow.first, dayOf(at))} begins at ${clock(tomorrow.from)}`
      : `${name} ${date}`;
    return [h("span", {}, begins)];
  }
  const people = event.item.attendees?.length ? h("span", {}, `with ${company(event.item.attendees)}`) : null;
  const then =
    kind === "running" && next ? h("span", {}, `then ${oneLine(next.item.title)} at ${clock(next.from)}`) : null;
  return [h("span", {}, hours(event)), then ?? people, h("span", { class: "code" }, event.item.code)];
}

function headline({ kind, event, priority, tomorrow }, at) {
  if (kind === "free") return oneLine(priority.title);
  if (kind === "over") return `That was ${wholeDay(dayOf(at))[0]}.`;
  if (kind === "none") return tomorrow ? "Nothing more today." : "Nothing ahead.";
  return oneLine(event.item.title);
}

function line(state, page, at) {
  const { kind, event, priority, tomorrow, clashes } = state;
  if (kind === "free") return [`The most urgent of what you have to decide: ${priority.code}.`];
  if (kind === "over" || kind === "none")
    return tomorrow
      ? ["First comes ", foreign("strong", {}, oneLine(tomorrow.item.title)), "."]
      : ["A quiet board is a good sign."];
  const clash = clashes.find(({ events }) => events.some(({ item }) => item === event.item));
  const place = placeOf(event.item);
  const said = [place && h("strong", {}, foreign("span", {}, oneLine(place)), ". ")];
  if (clash) said.push(`You are expected twice from ${clock(Math.max(clash.from, at))}. `);
  return [...said, ...waiting(event, page)];
}

// What is open with those who come, in words.
function waiting(event, page) {
  const { owe } = openWith(event, page.ordered("commitments"), (item) =>
    page.view.sections.isDone("commitments", item),
  );
  if (owe.length === 0) return [];
  const [first] = owe;
  return [
    h("bdi", {}, oneLine(whoOf(first))),
    " waits for ",
    foreign("bdi", {}, oneLine(first.description)),
    owe.length > 1 ? ` and ${owe.length - 1} more.` : ".",
  ];
}

function acts({ kind, priority, tomorrow }, event) {
  if (kind === "free")
    return [
      button("btn main", "open", { "data-code": priority.code }, icon("right"), `Look at ${priority.code}`),
      button("btn", "line", { "data-line": `brief ${event.item.code}` }, icon("file"), "Brief ", h("kbd", {}, "B")),
    ];
  if (kind === "over" || kind === "none")
    return [
      button(
        "btn main",
        "line",
        { "data-line": "brief daily" },
        icon("file"),
        "Brief of the day ",
        h("kbd", {}, "B"),
      ),
      tomorrow && button("btn", "day", { "data-day": tomorrow.first }, icon("calendar"), "Look at that day"),
    ];
  const way = join(event.item);
  return [
    way &&
      h(
        "a",
        { class: "btn main join", href: way.url, target: "_blank", rel: "noopener noreferrer" },
        icon("video"),
        `Join ${way.service} `,
        h("kbd", {}, "J"),
      ),
    button(
      way ? "btn" : "btn main",
      "line",
      { "data-line": `brief ${event.item.code}` },
      icon("file"),
      "Brief ",
      h("kbd", {}, "B"),
    ),
  ];
}

const MOST_FACTS = 3;

function Facts({ page, state, at }) {
  const { event, running, next, clashes, freeMs, kind } = state;
  const facts = [];
  if (running && running !== event) facts.push(h(Running, { running, at }));
  if (clashes.length) facts.push(h(Clashes, { clashes }));
  if (kind === "began" && next) facts.push(fact("clock", `Then at ${clock(next.from)}`, oneLine(next.item.title)));
  if (event && kind !== "free") facts.push(...open(event, page));
  if (facts.length < MOST_FACTS && freeMs)
    facts.push(fact("clock", `${duration(freeMs)} free today`, "between the meetings that are left"));
  return h("div", { class: "facts" }, facts.slice(0, MOST_FACTS));
}

const fact = (name, first, second, more = "") =>
  h(
    "div",
    { class: `fact ${more}` },
    icon(name),
    h("div", {}, foreign("p", {}, first), second && foreign("p", {}, second)),
  );

function Running({ running, at }) {
  const length = Math.round((running.to - running.from) / MINUTE_MS);
  const gone = Math.round((at - running.from) / MINUTE_MS);
  return h(
    "div",
    { class: "fact" },
    icon("clock"),
    h(
      "div",
      {},
      foreign("p", {}, oneLine(running.item.title)),
      h("p", {}, `running, ${length - gone} min left`),
      h("progress", { class: "meter", max: length, value: gone, "aria-label": `${gone} of ${length} minutes` }),
    ),
  );
}

function Clashes({ clashes }) {
  const first = clashes.slice(0, 2).map(({ from, events }) => `${clock(from)} ${oneLine(events[1].item.title)}`);
  const title = clashes.length === 1 ? "Two at once today" : `${clashes.length} overlaps today`;
  return fact("alert", title, first.join(", "), "clash");
}

function open(event, page) {
  const { owe, owed } = openWith(event, page.ordered("commitments"), (item) =>
    page.view.sections.isDone("commitments", item),
  );
  const all = [...owe, ...owed];
  if (all.length === 0) return [];
  const people = (items) => [...new Set(items.map((item) => oneLine(whoOf(item))))];
  const codes = (items) => listed(items.map(({ code }) => code));
  const does = (items, one, several) => `${listed(people(items))} ${people(items).length === 1 ? one : several}`;
  const said = [
    owe.length && `${does(owe, "waits for", "wait for")} ${codes(owe)}`,
    owed.length && `${does(owed, "owes you", "owe you")} ${codes(owed)}`,
  ];
  return [
    fact(
      "message",
      all.length === 1 ? "One thing open with them" : `${all.length} things open with them`,
      said.filter(Boolean).join(", "),
    ),
  ];
}

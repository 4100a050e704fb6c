// The stage: one sentence about now, and one thing to do. It is what the eye finds first.

import { clock, dayName, dayOf, dayWithin, duration, MINUTE_MS, wholeDay } from "../dates.js";
import { join, placeOf } from "../model/join.js";
import { company, firstName, now, openWith, whoOf } from "../model/now.js";
import { hours, stretches } from "../model/day.js";
import { say } from "../words.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";
import { mostUrgent } from "./list.js";

// What there is to say now; also for the wall.
export function told(page, at) {
  const [events, conflicts] = [page.ordered("calendar"), page.ordered("conflicts")];
  return now({ events, conflicts, priorities: mostUrgent(page, at), at });
}

export function Stage({ page, at, state }) {
  const { kind, event, minutes } = state;
  return h(
    "section",
    { id: "now", class: `stage is-${kind}`, "aria-label": say.nowAndNext },
    h(Count, { kind, minutes }),
    h(
      "div",
      { class: "about" },
      h("p", { class: "eyebrow" }, ...eyebrow(state, page, at)),
      h("h2", {}, foreign("span", { class: "soon", title: headline(state, at) }, headline(state, at))),
      h("p", { class: "line" }, ...line(state, page, at)),
      h("div", { class: "acts" }, ...acts(state, event)),
    ),
    h(Facts, { page, state, at }),
  );
}

// 80, or 2:35 hours; of what, and what is counted.
export function counted(kind, minutes) {
  if (kind === "began" && minutes === 0) return { cap: say.captions.now, long: true, number: say.nowWord };
  const cap = say.captions[kind];
  const isCount = kind === "over" || kind === "none";
  const long = minutes >= 100 && !isCount && kind !== "began";
  if (long) return { cap, long, number: `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`, unit: say.units.hours };
  const unit = { began: say.units.ago, over: say.units.meetingsToday, none: say.units.meetings }[kind] ?? say.units.minutes;
  return { cap, long, number: minutes, unit: unit(minutes) };
}

function Count({ kind, minutes }) {
  const { cap, long, number, unit } = counted(kind, minutes);
  return h(
    "div",
    { class: "counter" },
    h("span", { class: "cap" }, cap),
    h("b", { class: long ? "long" : "" }, number),
    h("span", { class: "unit" }, unit),
  );
}

function eyebrow({ kind, event, next, tomorrow }, page, at) {
  if (kind === "free")
    return [
      h("span", {}, say.nextIs),
      foreign("b", {}, oneLine(event.item.title)),
      h("span", {}, say.atHour(clock(event.from))),
    ];
  if (kind === "over" && tomorrow)
    return [h("span", {}, say.begins(dayName(tomorrow.first, dayOf(at)), clock(tomorrow.from)))];
  if (kind === "over" || kind === "none") return [h("span", {}, wholeDay(dayOf(at)).join(" "))];
  const with_ = company(event.item.attendees ?? [], page.me);
  const people = with_ ? h("span", {}, say.withPeople(with_)) : null;
  const then = kind === "running" && next ? h("span", {}, say.thenAt(oneLine(next.item.title), clock(next.from))) : null;
  const code = h("span", { class: "code" }, event.item.code);
  return [h("span", {}, hours(event)), ...(then ? [code, then] : [people, code])];
}

function headline({ kind, event, priority, tomorrow }, at) {
  if (kind === "free") return oneLine(priority.title);
  if (kind === "over") return say.thatWas(wholeDay(dayOf(at))[0]);
  if (kind === "none") return tomorrow ? say.nothingToday : say.nothingAhead;
  return oneLine(event.item.title);
}

function line(state, page, at) {
  const { kind, event, priority, tomorrow, fits } = state;
  if (kind === "free")
    return [fits ? say.mostUrgentFits(priority.code, duration(priority.minutes * MINUTE_MS)) : say.mostUrgent(priority.code)];
  if (kind === "over" || kind === "none") {
    if (!tomorrow) return [say.quietBoard];
    const title = foreign("strong", {}, oneLine(tomorrow.item.title));
    return kind === "none" ? comesNext(title, tomorrow, at) : [say.nextIs, title, "."];
  }
  const place = placeOf(event.item);
  const sentences = [
    // The button names the service.
    place && place !== join(event.item)?.service && [foreign("span", {}, oneLine(place)), ". "],
    waiting(event, page),
  ];
  const [first, ...others] = sentences.filter((sentence) => sentence?.length);
  return first ? [h("strong", {}, first), ...others.flat()] : [];
}

// `Next: Budget, Mon 7 Dec at 13:00.`
export const comesNext = (title, { first, from }, at) => [say.nextIs, title, `, ${dayWithin(first, dayOf(at))} ${say.atHour(clock(from))}.`];

const opened = (event, page) =>
  openWith(event, page.ordered("commitments"), (item) => page.view.sections.isDone("commitments", item));

// What is open with those who come, in words.
function waiting(event, page) {
  const { owe } = opened(event, page);
  if (owe.length === 0) return [];
  const [first] = owe;
  const who = h("bdi", {}, firstName(oneLine(whoOf(first))));
  return say.waitsForIt(who, foreign("bdi", {}, oneLine(first.description)), owe.length - 1);
}

function acts({ kind, priority, tomorrow }, event) {
  if (kind === "free")
    return [
      button("btn main", "open", { "data-code": priority.code }, icon("right"), say.lookAt(priority.code)),
      briefButton("btn", `brief ${event.item.code}`, say.brief),
    ];
  if (kind === "over" || kind === "none")
    return [
      briefButton("btn main", "brief daily", say.briefOfTheDay),
      tomorrow && button("btn", "day", { "data-day": tomorrow.first }, icon("calendar"), say.lookAtDay),
    ];
  const way = join(event.item);
  return [
    way &&
      h(
        "a",
        { class: "btn main join", href: way.url, target: "_blank", rel: "noopener noreferrer" },
        icon("video"),
        say.joinIt(way.service),
        " ",
        h("kbd", {}, "J"),
      ),
    briefButton(way ? "btn" : "btn main", `brief ${event.item.code}`, say.brief),
  ];
}

const briefButton = (name, line, said) =>
  button(name, "line", { "data-line": line, title: line }, icon("file"), said, " ", h("kbd", {}, "B"));

const MOST_FACTS = 3; // on one line

function Facts({ page, state, at }) {
  const { event, running, next, clashes, freeMs, kind } = state;
  const facts = [];
  if (running && running !== event) facts.push(h(Running, { running, at }));
  if (clashes.length) facts.push(h(Clashes, { clashes }));
  if (kind === "began" && next) facts.push(fact("clock", say.thenAtHour(clock(next.from)), oneLine(next.item.title)));
  if (event && kind !== "free") facts.push(...open(event, page));
  if (freeMs) facts.push(fact("clock", say.freeToday(duration(freeMs)), say.betweenMeetings));
  facts.push(pressing(page, at), waitingForYou(page));
  return h("div", { class: "facts" }, facts.slice(0, MOST_FACTS));
}

const fact = (name, first, second, more = "") =>
  h(
    "div",
    { class: `fact ${more}` },
    icon(name),
    h("div", {}, foreign("p", {}, first), second && foreign("p", { title: Array.isArray(second) ? null : second }, second)),
  );

// What is due today, and who waits: to know that there is nothing is worth a line too.
function pressing(page, at) {
  const due = page.byDue(at);
  const [late, today] = [due.get("overdue"), due.get("today")];
  const [first] = mostUrgent(page, at);
  const title = first && oneLine(first.title);
  if (late.length + today.length === 0) return fact("check", say.nothingPressing, title && say.nextIs + title);
  return fact("flag", say.pressing(late.length, today.length), title);
}

function waitingForYou(page) {
  const { sections } = page.view;
  const open = page.ordered("commitments").filter((item) => item.direction === "owe" && !sections.isDone("commitments", item));
  if (open.length === 0) return fact("check", say.nobodyWaitsForYou);
  const said = [whoOf(open[0]), open[0].description].filter(Boolean).map(oneLine).join(": ");
  return fact("user", say.waitForYou(open.length), said);
}

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
      h("p", {}, say.running(length - gone)),
      h("progress", { class: "meter", max: length, value: gone, "aria-label": say.ofMinutes(gone, length) }),
    ),
  );
}

function Clashes({ clashes }) {
  const found = stretches(clashes);
  const most = Math.max(...found.map((one) => one.most));
  const name = ({ from, most: many, events }) => {
    const title = foreign("bdi", {}, oneLine(events[1].item.title));
    return [`${clock(from)} `, title, many > 2 && ` ${say.more(many - 2)}`];
  };
  const first = found.slice(0, 2).map(name);
  const said = most > 2 ? say.manyAtOnce(most) : say.overlaps(clashes.length);
  return fact("alert", said, first.map((one, number) => [number > 0 && " · ", one]), "clash");
}

const MOST_CODES = 3; // on one line; the rest are counted

// Who waits for what, and who owes what: a few things by their codes, more by how many they are.
function open(event, page) {
  const { owe, owed } = opened(event, page);
  const all = [...owe, ...owed];
  if (all.length === 0) return [];
  if (all.length > MOST_CODES) return [fact("message", say.openWithThem(all.length), say.bothWays(owe.length, owed.length))];
  const name = (item) => firstName(oneLine(whoOf(item)));
  const people = [...new Set(all.map(name))];
  const said = people.map((who) => {
    const [waits, owes] = [owe, owed].map((items) => items.filter((item) => name(item) === who));
    const codes = (items) => say.and(items.map(({ code }) => code));
    return [waits.length && say.waitsFor(who, codes(waits)), owes.length && say.owesYouThe(who, codes(owes))].filter(Boolean).join(", ");
  });
  return [fact("message", say.openWithThem(all.length), said.join("; "))];
}

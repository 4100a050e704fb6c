// The calendar: today with a line at the present time, tomorrow, later. What was over before today is left out.

import { h, text } from "../dom.js";
import { clock, countdown, dayName, dayOf, daysBetween, DAY_MS, ms } from "../dates.js";
import { heading, itemRow, sourceOf, troubledSources } from "../row.js";
import { List } from "./list.js";

export class Calendar extends List {
  #scrolled = false;

  constructor(panel, view, again) {
    super(panel, view, again, make);
  }

  draw(now) {
    const troubled = troubledSources(this.view);
    const today = dayOf(now);
    const events = this.view.sections
      .inOrder("calendar", this.view.items("calendar"))
      .map(span)
      .filter(({ last }) => last >= today);
    const next = events.find(({ item, from }) => !item.all_day && from > now);
    this.show(entries(events, { now, today, next, troubled }), events.length, events.length > 0);
    text(this.panel.querySelector(".note"), next ? `next ${countdown(next.from - now)}` : "");
    if (!this.#scrolled) this.#showNow();
  }

  // At the first sight the present time is at the top, below what is just over.
  #showNow() {
    const line = this.rows.element("now");
    const list = this.panel.querySelector("ol");
    if (!line) return;
    this.#scrolled = true;
    list.scrollTop = Math.max(0, line.offsetTop - list.offsetTop - list.clientHeight / 4);
  }
}

const spans = new WeakMap();

// When an event begins and ends, in ms and days; made once for an item.
function span(item) {
  let found = spans.get(item);
  if (!found) {
    const from = ms(item.start);
    const end = ms(item.end);
    const to = Number.isNaN(end) ? (item.all_day ? from + DAY_MS : from) : end;
    // The end of a whole day is the first day after it; at midnight sharp an event belongs to the day before.
    found = { item, from, to, first: dayOf(from), last: dayOf(Math.max(from, to - 1)) };
    spans.set(item, found);
  }
  return found;
}

function entries(events, sight) {
  const { now, today } = sight;
  const shown = events
    .map((event) => ({ ...event, day: event.first < today ? today : event.first }))
    .sort(
      (one, other) => compare(one.day, other.day) || other.item.all_day - one.item.all_day || one.from - other.from,
    );
  const made = [];
  let day = null;
  let lined = false;
  const line = () => {
    lined = true;
    made.push({ key: "now", item: clock(now), look: "" });
  };
  for (const event of shown) {
    const ahead = event.day > today || (!event.item.all_day && event.from > now);
    if (ahead && !lined && day === today) line();
    if (event.day !== day) made.push(dayHead((day = event.day), today));
    if (ahead && !lined && day === today) line();
    made.push({ key: event.item.id, item: event.item, look: look(event, sight) });
  }
  if (!lined && day === today) line();
  return made;
}

const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

function dayHead(day, today) {
  const distance = daysBetween(today, day);
  return { key: `day ${day}`, item: dayName(day, today), look: distance > 1 ? `in ${distance} days` : "" };
}

// Whatever else than the item decides what its row says, as one text.
function look(event, { now, next, troubled }) {
  const { item, from, to } = event;
  const over = item.all_day ? false : to <= now;
  const current = !item.all_day && from <= now && now < to;
  const isNext = item === next?.item;
  const phase = over ? "over" : current ? "current" : isNext ? "next" : "";
  return `${hours(event)}\t${phase}\t${isNext ? countdown(from - now) : ""}\t${troubled.get(item.source) ?? ""}`;
}

function hours({ item, from, to, first, last, day }) {
  if (item.all_day || (day > first && day < last)) return "all day";
  if (day > first) return `–${clock(to)}`;
  return last > first || to <= from ? clock(from) : `${clock(from)}–${clock(to)}`;
}

function make({ key, item }) {
  if (typeof item === "string") return key === "now" ? nowLine() : heading();
  return itemRow(describe);
}

function nowLine() {
  const time = h("span", {});
  return { element: h("li", { class: "now", "aria-label": "Now" }, time), fill: ({ item }) => text(time, item) };
}

function describe({ item, look: lookedAt }) {
  const [when, phase, left, trouble] = lookedAt.split("\t");
  const meta = [];
  if (left) meta.push(["soon", left]);
  if (item.location) meta.push(["place", item.location]);
  meta.push(...sourceOf(item, trouble));
  const classes = ["event", phase, item.important && "important"];
  return { title: item.title, when, meta, classes, mark: item.important ? "important" : "" };
}

// The day as a timeline: a minute has a height, overlaps stand side by side, a gap is really empty, and now is a line.

import { clock, dayAfter, dayName, dayOf, duration, shortCity, weekday, weekdayNumber, ms, wholeDay, zoneName } from "../dates.js";
import { isBusy, timeline } from "../model/day.js";
import { say } from "../words.js";
import { button, foreign, h, icon, memo, oneLine } from "../ui.js";
import { stateOf } from "./block.js";
import { HOUR_MS, Scale } from "./scale.js";

export function Day({ page, at }) {
  const today = dayOf(at);
  const day = page.ui.day ?? today;
  const isToday = day === today;
  const events = page.ordered("calendar");
  const conflicts = page.ordered("conflicts");
  const { strip, past, meetings, freeMs, unlisted, ...rest } = timeline(events, day, at, conflicts, isToday);
  const { zone2 } = page.prefs;
  return h(
    "section",
    { id: "calendar", class: zone2 ? "day two-zones" : "day", "aria-labelledby": "calendar-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "calendar-title" }, isToday ? say.todayTitle : dayName(day, today)),
      h(
        "span",
        { class: "sum note" },
        meetings ? say.meetingsFree(say.meetings(meetings), freeMs ? duration(freeMs) : "") : say.noMeetings,
        unlisted ? say.moreConflicts(unlisted) : "",
      ),
      h(Days, { events, today, day, at: Math.floor(at / HOUR_MS) * HOUR_MS }),
    ),
    h(
      "div",
      { class: "roll scale-roll" },
      h(
        "div",
        { class: "over-day" },
        zone2 &&
          h(
            "p",
            { class: "zone-heads", "aria-hidden": "true" },
            h("span", {}, shortCity(zone2)),
            h("b", {}, shortCity(zoneName())),
          ),
        h(Strip, { page, strip, past, day }),
      ),
      h("div", { class: "zones" }, h(Scale, { page, ...rest, day, isToday, at })),
    ),
  );
}

// The way to other days: the next four, each as full as it is, further by a step, and the whole week.
const Days = memo(({ events, today, day, at }) => {
  const first = day > today ? (day > dayAfter(today, 4) ? dayAfter(day, -1) : dayAfter(today)) : dayAfter(today);
  const days = [0, 1, 2, 3].map((number) => dayAfter(first, number));
  return h(
    "nav",
    { class: "days", "aria-label": say.days },
    day !== today && button("", "day", { "data-day": today }, say.todayTitle),
    button("step", "day", { "data-day": dayAfter(day, -1), "aria-label": say.dayBefore }, icon("left")),
    days.map((one) => h(DayButton, { key: one, events, day: one, at, chosen: one === day })),
    button("step", "day", { "data-day": dayAfter(day), "aria-label": say.dayAfter }, icon("right")),
    button("step", "week", { "aria-label": say.week, title: say.week }, icon("columns")),
  );
});

const FULL_MS = 9 * HOUR_MS;

const DayButton = memo(({ events, day, at, chosen }) => {
  const { blocks } = timeline(events, day, at);
  const busy = blocks.filter(isBusy);
  const taken = Math.min(1, busy.reduce((sum, { from, to }) => sum + to - from, 0) / FULL_MS);
  const [name, date] = wholeDay(day);
  return button(
    chosen ? "chosen" : "",
    "day",
    { "data-day": day, "aria-current": chosen ? "date" : null, title: `${name} ${date}, ${say.meetings(busy.length)}` },
    weekday(day),
    h("span", { class: "vh" }, ` ${date}, ${say.meetings(busy.length)}`),
    h(
      "svg",
      { class: "fill", viewBox: "0 0 24 3", "aria-hidden": "true" },
      h("rect", { class: "track", width: 24, height: 3, rx: 1.5 }),
      h("rect", { class: "part", width: (24 * taken).toFixed(1), height: 3, rx: 1.5 }),
    ),
  );
});

// What is over, what takes the whole day, and absences of several days on each of them.
function Strip({ page, strip, past = [], day }) {
  if (strip.length + past.length === 0) return null;
  return h(
    "ul",
    { class: "strip", "aria-label": say.allDay, "data-list": "strip" },
    past.map((event) => h(Tag, { key: event.item.id, page, item: event.item, sign: "check", before: clock(event.from), over: true })),
    strip.map(({ item, first, last }) => {
      const after = last > day && last !== first ? say.untilDay(weekday(last)) : "";
      return h(Tag, { key: item.id, page, item, sign: "calendar", after });
    }),
  );
}

const Tag = ({ page, item, sign, before, after, over }) =>
  h(
    "li",
    {
      "data-code": item.code,
      class: `tag row ${over ? "past" : ""} ${page.flashOf("calendar", item.id) ? "flash" : ""} ${stateOf(item)}`,
    },
    button(
      "opener",
      "open",
      { tabIndex: -1 },
      icon(sign),
      " ",
      before && [h("span", { class: "when" }, before), " "],
      foreign("span", { class: "title" }, oneLine(item.title)),
      over && h("span", { class: "vh" }, ` ${say.over}`),
      after,
      " ",
      h("span", { class: "code" }, item.code),
    ),
  );

// Seven days from Monday on, side by side in the same hours; below each other on a phone.
export function Week({ page, at }) {
  const today = dayOf(at);
  const day = page.ui.day ?? today;
  const monday = dayAfter(day, -weekdayNumber(ms(day)));
  const events = page.ordered("calendar");
  const conflicts = page.ordered("conflicts");
  const days = [0, 1, 2, 3, 4, 5, 6].map((number) => {
    const one = dayAfter(monday, number);
    return { day: one, ...timeline(events, one, at, conflicts) };
  });
  const shown = days.filter(({ blocks, strip }, number) => number < 5 || blocks.length + strip.length > 0);
  const from = Math.min(...shown.map((one) => one.from - ms(one.day)));
  const to = Math.max(...shown.map((one) => one.to - ms(one.day)));
  const [, date] = wholeDay(monday);
  return h(
    "section",
    { id: "calendar", class: "week-board sheet", "aria-labelledby": "calendar-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "calendar-title", tabIndex: -1 }, say.weekOf(date)),
      h(
        "nav",
        { class: "days", "aria-label": say.days },
        button("step", "day", { "data-day": dayAfter(monday, -7), "aria-label": say.weekBefore }, icon("left")),
        button("step", "day", { "data-day": dayAfter(monday, 7), "aria-label": say.weekAfter }, icon("right")),
        button("", "week", {}, say.day),
      ),
    ),
    h(
      "div",
      { class: "roll week-roll", style: { "--days": shown.length } },
      shown.map((one, number) => h(Column, { first: number === 0, key: one.day, page, one, at, from, to, today })),
    ),
  );
}

function Column({ first, page, one, at, from, to, today }) {
  const { day, strip, blocks, clashes, meetings } = one;
  const [, date] = wholeDay(day);
  const begin = ms(day);
  return h(
    "div",
    { class: day === today ? "column is-today" : "column", "data-day": day },
    button(
      "column-head",
      "one-day",
      { "data-day": day },
      h("b", {}, weekday(day)),
      " ",
      h("span", {}, date),
      h("span", { class: "vh" }, `, ${say.meetings(meetings)}`),
    ),
    h("div", { class: "column-strip" }, h(Strip, { page, strip, day })),
    h(Scale, { page, from: begin + from, to: begin + to, blocks, clashes, rooms: [], day, isToday: day === today, at, week: true, labels: first }),
  );
}

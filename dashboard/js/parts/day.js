// The day as a timeline: a minute has a height, overlaps stand side by side, a gap is really empty, and now is a line.

import { clock, dayAfter, dayName, dayOf, duration, isDate, MINUTE_MS, ms, weekday, wholeDay } from "../dates.js";
import { hours, isBusy, timeline } from "../model/day.js";
import { placeOf } from "../model/join.js";
import { button, Component, foreign, h, icon, memo, oneLine } from "../ui.js";
import { fit } from "./fit.js";

const HOUR_MS = 60 * MINUTE_MS;
const percent = (part, whole) => `${((100 * part) / whole).toFixed(3)}%`;

export function Day({ page, at }) {
  const today = dayOf(at);
  const day = page.ui.day ?? today;
  const events = page.ordered("calendar");
  const conflicts = page.ordered("conflicts");
  const { strip, blocks, clashes, rooms, from, to, meetings, freeMs } = timeline(events, day, at, conflicts);
  const isToday = day === today;
  const free = freeMs ? `, ${duration(freeMs)} free` : "";
  return h(
    "section",
    { id: "calendar", class: "day", "aria-labelledby": "calendar-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "calendar-title" }, isToday ? "Today" : dayName(day, today)),
      h("span", { class: "sum note" }, meetings ? `${counted(meetings)}${free}` : "No meetings"),
      h(Days, { events, today, day, at }),
    ),
    h(
      "div",
      { class: "roll scale-roll" },
      h(Strip, { page, strip, day }),
      h("div", { class: "zones" }, h(Scale, { page, from, to, blocks, clashes, rooms, day, isToday, at })),
    ),
  );
}

const counted = (meetings) => `${meetings} ${meetings === 1 ? "meeting" : "meetings"}`;

// The way to other days: the next four, each as full as it is, and further by a step.
const Days = memo(({ events, today, day, at }) => {
  const first = day > today ? (day > dayAfter(today, 4) ? dayAfter(day, -1) : dayAfter(today)) : dayAfter(today);
  const days = [0, 1, 2, 3].map((number) => dayAfter(first, number));
  return h(
    "nav",
    { class: "days", "aria-label": "Days" },
    day !== today && button("", "day", { "data-day": today }, "Today"),
    button("step", "day", { "data-day": dayAfter(day, -1), "aria-label": "The day before" }, icon("left")),
    days.map((one) => h(DayButton, { key: one, events, day: one, at, chosen: one === day })),
    button("step", "day", { "data-day": dayAfter(day), "aria-label": "The day after" }, icon("right")),
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
    { "data-day": day, "aria-current": chosen ? "date" : null, title: `${name} ${date}, ${counted(busy.length)}` },
    weekday(day),
    h("span", { class: "vh" }, ` ${date}, ${counted(busy.length)}`),
    h(
      "svg",
      { class: "fill", viewBox: "0 0 24 3", "aria-hidden": "true" },
      h("rect", { class: "track", width: 24, height: 3, rx: 1.5 }),
      h("rect", { class: "part", width: (24 * taken).toFixed(1), height: 3, rx: 1.5 }),
    ),
  );
});

// What takes the whole day, and absences of several days on each of them.
function Strip({ page, strip, day }) {
  if (strip.length === 0) return null;
  return h(
    "ul",
    { class: "strip", "aria-label": "All day", "data-list": "strip" },
    strip.map(({ item, first, last }) => {
      const more = last > day && last !== first ? ` until ${weekday(last)}` : "";
      return h(
        "li",
        {
          key: item.id,
          "data-code": item.code,
          class: `tag row ${page.flashOf("calendar", item.id) ? "flash" : ""} ${stateOf(item)}`,
        },
        button(
          "opener",
          "open",
          { tabIndex: -1 },
          icon("calendar"),
          foreign("span", { class: "title" }, oneLine(item.title)),
          more,
          " ",
          h("span", { class: "code" }, item.code),
        ),
      );
    }),
  );
}

// Scrolls once so that now is in the first third, and measures which titles need smaller letters.
class Scale extends Component {
  hold = (element) => (this.scale = element ?? this.scale);

  componentDidMount() {
    this.watcher = new ResizeObserver(() => this.measure(true));
    this.watcher.observe(this.scale); // which tells the first time, too
    this.show();
  }

  componentDidUpdate(before) {
    this.measure();
    if (before.day !== this.props.day) this.show();
  }

  componentWillUnmount() {
    this.watcher.disconnect();
  }

  // Only blocks that are new or have changed, or all when the width has.
  measure(all = false) {
    fit(this.scale.querySelectorAll(".ev"), all);
  }

  show() {
    const roll = this.scale.closest(".scale-roll");
    const { from, to, at, isToday } = this.props;
    const target = isToday ? (at - from) / (to - from) : Math.max(0, (this.firstTop() - from) / (to - from) - 0.05);
    if (roll)
      roll.scrollTop = Math.max(0, this.scale.offsetTop + target * this.scale.offsetHeight - roll.clientHeight / 3);
  }

  firstTop() {
    return this.props.blocks[0]?.top ?? this.props.from;
  }

  render({ page, from, to, blocks, clashes, rooms, day, isToday, at }) {
    const whole = to - from;
    const place = (top, bottom) => ({ top: percent(top - from, whole), height: percent(bottom - top, whole) });
    const marks = [];
    for (let hour = from; hour <= to; hour += HOUR_MS) marks.push(hour);
    const near = (hour) => isToday && Math.abs(hour - at) < 12 * MINUTE_MS;
    return h(
      "div",
      { class: "scale", style: { "--hours": whole / HOUR_MS }, ref: this.hold },
      marks.map((hour) =>
        h(
          "div",
          {
            key: `h${hour}`,
            class: near(hour) ? "hour near" : "hour",
            style: { top: percent(hour - from, whole) },
          },
          h("span", {}, clock(hour)),
        ),
      ),
      clashes.map((one) =>
        h("div", {
          key: `b${one.from}${one.events[1].item.id}`,
          class: "both",
          style: place(one.from, one.to),
          title: `${clock(one.from)} to ${clock(one.to)}: two at once`,
        }),
      ),
      rooms.map((room) =>
        h(
          "p",
          {
            key: `g${room.from}`,
            class: "gap",
            style: place(room.from, Math.min(room.from + 20 * MINUTE_MS, room.to)),
          },
          roomSaid(room, at),
        ),
      ),
      h(
        "ol",
        { class: "evs", "data-list": "calendar", "aria-labelledby": "calendar-title" },
        blocks.map((block) =>
          h(Block, {
            key: block.item.id,
            item: block.item,
            when: hours(block, day),
            start: clock(block.from),
            phase: phaseOf(block, at, page.soonest?.item.id),
            flash: page.flashOf("calendar", block.item.id),
            trouble: page.troubled().get(block.item.source),
            length: (block.bottom - block.top) / MINUTE_MS,
            ...place(block.top, block.bottom),
            lane: block.lane,
            lanes: block.lanes,
            wide: block.wide,
            editing: page.ui.editing === block.item.code,
          }),
        ),
      ),
      isToday &&
        at >= from &&
        at <= to &&
        h(
          "div",
          { class: "now", style: { top: percent(at - from, whole) }, "aria-hidden": "true" },
          h("span", {}, clock(at)),
        ),
    );
  }
}

const roomSaid = ({ from, to }, at) => (from <= at ? `free until ${clock(to)}` : `${duration(to - from)} free`);

function phaseOf({ from, to, item }, at, next) {
  if (to <= at) return "over";
  if (from <= at) return "current";
  return item.id === next ? "next" : "";
}

function stateOf({ status, answer }) {
  if (status === "cancelled") return "cancelled";
  if (answer === "declined") return "declined";
  const sure = status !== "tentative" && answer !== "tentative" && answer !== "needs_action";
  return sure ? "" : "tentative";
}

const Block = memo(
  ({ item, when, start, phase, flash, trouble, length, top, height, lane, lanes, wide, editing }) => {
    const beside = wide < lanes;
    const short = length <= 35;
    const place = placeOf(item);
    const important = item.important ? "important" : "";
    const names = [
      "ev row event",
      phase,
      important,
      stateOf(item),
      beside && "lane",
      short && "short",
      flash && "flash",
      trouble && "stale",
      item.doing && "doing",
      item.going && "going",
    ];
    const code = h("span", { class: "code" }, item.code);
    const title = foreign("span", { class: "h title" }, oneLine(item.title));
    const moved = before(item);
    const was = moved && [h("s", { class: "was" }, moved), " "];
    const parts =
      beside || short
        ? [
            h(
              "span",
              { class: "run" },
              was,
              h("span", { class: "when" }, beside || length < 25 ? start : when),
              " ",
              title,
              " ",
              flag(item),
              code,
            ),
          ]
        : [
            title,
            h(
              "span",
              { class: "m" },
              was,
              h("span", { class: "when" }, when),
              place && foreign("span", { class: "place" }, oneLine(place)),
              flag(item),
              code,
            ),
          ];
    return h(
      "li",
      {
        class: names.filter(Boolean).join(" "),
        "data-code": item.code,
        "data-key": item.id,
        style: { top, height, "--lane": lane, "--lanes": lanes, "--wide": wide },
        "aria-busy": item.doing ? "true" : null,
      },
      editing
        ? h("input", {
            class: "edit-in",
            "data-code": item.code,
            defaultValue: item.title,
            "aria-label": `Text of ${item.code}`,
            ref: (field) =>
              field && !field.dataset.seen && ((field.dataset.seen = "true"), field.focus(), field.select()),
          })
        : button(
            "opener",
            "open",
            {
              tabIndex: -1,
              title: [when, moved && `moved from ${moved}`, oneLine(item.title), place, trouble && `${item.source} (${trouble})`]
                .filter(Boolean)
                .join(" · "),
            },
            ...parts,
          ),
      flash && h("span", { class: "by", dir: "auto" }, oneLine(flash)),
      button("more", "menu", { tabIndex: -1, "aria-label": `Actions of ${item.code}` }, icon("more")),
    );
  },
);

function flag({ status, answer }) {
  if (status === "cancelled") return h("span", { class: "flag" }, "cancelled");
  if (answer === "declined") return h("span", { class: "flag" }, "declined");
  if (answer === "needs_action") return h("span", { class: "flag" }, "not answered");
  return null;
}

// When a moved event was to be: the hour, and the day where it was another one.
function before({ moved_from: was, start }) {
  if (!was || isDate(was.start)) return "";
  const day = dayOf(ms(was.start));
  return day === dayOf(ms(start)) ? clock(ms(was.start)) : `${weekday(day)} ${clock(ms(was.start))}`;
}

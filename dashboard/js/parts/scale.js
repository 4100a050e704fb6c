// The hours of a day, what stands in them, and now as a line. It scrolls so that now is in the first third, and measures
// which titles need smaller letters.

import { clock, clockIn, duration, MINUTE_MS } from "../dates.js";
import { hours, inColumns, isBusy } from "../model/day.js";
import { say } from "../words.js";
import { button, Component, foreign, h, oneLine, PHONE } from "../ui.js";
import { Block } from "./block.js";
import { fit } from "./fit.js";
import { Rows } from "./rows.js";

export const HOUR_MS = 60 * MINUTE_MS;
const FIRST = PHONE?.matches ? 3 : 8; // blocks: below the stage there is room for no more, and to lay them out takes longer than to make them
const percent = (part, whole) => `${((100 * part) / whole).toFixed(3)}%`;

export class Scale extends Component {
  hold = (element) => (this.scale = element ?? this.scale);
  grown = () => this.measure();

  componentDidMount() {
    // It tells the first time too, when the browser has just laid out: to ask for places earlier would lay out twice.
    this.watcher = new ResizeObserver(() => {
      if (!this.isPlaced) this.show();
      this.isPlaced = true;
      this.measure(true);
    });
    this.watcher.observe(this.scale);
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

  render({ page, from, to, blocks, clashes, rooms, day, isToday, at, week, labels = !week }) {
    const whole = to - from;
    const place = (top, bottom) => ({ top: percent(top - from, whole), height: percent(bottom - top, whole) });
    const marks = [];
    for (let hour = from; hour <= to; hour += HOUR_MS) marks.push(hour);
    const near = (hour) => isToday && Math.abs(hour - at) < 15 * MINUTE_MS;
    const { zone2 } = page.prefs;
    const columns = inColumns(blocks, week ? 2 : 3); // in more no word of a title fits
    return [h(
      "div",
      { key: "scale", class: "scale", style: { "--hours": whole / HOUR_MS }, ref: this.hold },
      marks.map((hour) =>
        h(
          "div",
          {
            key: `h${hour}`,
            class: near(hour) ? "hour near" : "hour",
            "aria-hidden": "true",
            style: { top: percent(hour - from, whole) },
          },
          !week && zone2 && h("span", { class: "there" }, clockIn(zone2, hour).replace(/^0(?=\d)/, "").replace(":00", "")),
          labels && h("span", {}, clock(hour)),
        ),
      ),
      clashes.map((one) =>
        h("div", {
          key: `b${one.from}${one.events[1].item.id}`,
          class: "both",
          style: place(one.from, one.to),
          title: say.twoAtOnce(clock(one.from), clock(one.to)),
        }),
      ),
      !week &&
        rooms.map((room) =>
          h(
            "p",
            {
              key: `g${room.from}`,
              class: "gap",
              style: place(Math.max(room.bare ?? room.from, from), Math.min((room.bare ?? room.from) + 20 * MINUTE_MS, room.to)),
            },
            h("span", { class: "vh" }, `${clock(Math.max(room.from, at))} `),
            h("span", { class: room.bare === null ? "vh" : "" }, roomSaid(room, at)),
          ),
        ),
      h(Rows, {
        class: "evs",
        "data-list": week ? `calendar ${day}` : "calendar",
        "aria-label": week ? day : null,
        "aria-labelledby": week ? null : "calendar-title",
        first: FIRST,
        grown: this.grown,
        rows: [...columns.blocks, ...columns.piles].sort((one, other) => one.top - other.top).map((block) => () =>
          block.blocks ? h(Pile, { key: block.key, pile: block, at, ...place(Math.max(block.top, from), block.bottom) }) : h(Block, {
            key: block.item.id,
            item: block.item,
            when: hours(block, day),
            start: clock(block.from),
            phase: phaseOf(block, at, page.soonest?.item.id),
            flash: page.flashOf("calendar", block.item.id),
            isNew: page.changes.isNew(block.item.id),
            trouble: page.troubled().get(block.item.source),
            length: (block.bottom - block.top) / MINUTE_MS,
            ...place(Math.max(block.top, from), block.bottom),
            lane: block.lane,
            lanes: block.lanes,
            wide: block.wide,
            narrow: week,
            editing: page.editingOf(block.item, at).editing,
          }),
        ),
      }),
      isToday &&
        at >= from &&
        at <= to &&
        h(
          "div",
          { class: "now", style: { top: percent(at - from, whole) }, "aria-hidden": "true" },
          !week && h("span", {}, clock(at)),
        ),
    ),
    // A block has no room for all that stands in it, and paper opens no list.
    h("div", { key: "printed", class: "printed", "aria-hidden": "true" }, columns.piles.map(({ key, blocks: those }) => foreign("p", { key }, listed(those)))),
    ];
  }
}

const listed = (blocks) => blocks.map(({ from, to, item }) => `${clock(from)}–${clock(to)} ${oneLine(item.title)}`).join(" · ");

function roomSaid({ from, to, bare }, at) {
  if (from <= at) return say.freeUntil(clock(to));
  const long = say.free(duration(to - from));
  return bare > from ? say.freeFrom(long, clock(from)) : long;
}

// Meetings for which there is no column of their own: how many, and as many of them as there is room for; it opens the list.
function Pile({ pile: { blocks, lane, lanes, wide }, at, top, height }) {
  const isSame = blocks.every(({ from }) => from === blocks[0].from);
  const said = blocks.map(({ from, item }) => `${isSame ? "" : `${clock(from)} `}${oneLine(item.title)}`);
  const isNow = blocks.some((block) => isBusy(block) && phaseOf(block, at) === "current");
  return h(
    "li",
    { class: isNow ? "ev event pile current" : "ev event pile", style: { top, height, "--lane": lane, "--lanes": lanes, "--wide": wide } },
    button(
      "opener",
      "pile",
      { tabIndex: -1, "aria-haspopup": "menu", "data-codes": blocks.map(({ item }) => item.code).join(" "), title: said.join("\n") },
      h("span", { class: "those" }, h("b", {}, `${isSame ? `${clock(blocks[0].from)} ` : ""}${say.moreAtOnce(blocks.length)}`), said.map((one) => foreign("span", {}, one))),
    ),
  );
}

function phaseOf({ from, to, item }, at, next) {
  if (to <= at) return "over";
  if (from <= at) return "current";
  return item.id === next ? "next" : "";
}

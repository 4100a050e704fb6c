// A display that nobody types at: to be read from three metres. No codes, links, notes or buttons; what is marked private
// is only busy.

import { Stage as Link } from "../client.js";
import { clock, dayOf, dueShort, duration, MINUTE_MS, wholeDay } from "../dates.js";
import { isBusy, timeline } from "../model/day.js";
import { placeOf } from "../model/join.js";
import { company } from "../model/now.js";
import { foreign, h, oneLine } from "../ui.js";
import { content } from "./brief.js";
import { mostUrgent } from "./list.js";

const DECISIONS = 3;
const NEXT = 6;
const TURN_MS = 20_000;
const DRIFT_MS = 10 * MINUTE_MS; // against burning in

export function Wall({ page, at, state }) {
  const today = dayOf(at);
  const [name, date] = wholeDay(today);
  const drift = Math.floor(at / DRIFT_MS) % 4;
  return h(
    "main",
    { class: `wall-board drift-${drift}` },
    h(
      "header",
      { class: "wtop" },
      h("p", { class: "wclock" }, clock(at)),
      h("h1", {}, `${name} ${date}`),
      h("p", { class: "wstate", id: "link", role: "status" }, ...linkSaid(page, at)),
    ),
    h(
      "div",
      { class: "wgrid" },
      h(Now, { state, at }),
      h(Then, { page, at, state }),
      h(Turn, { page, at, state }),
      h(Ribbon, { page, at, state }),
    ),
  );
}

function linkSaid(page, at) {
  const { stage } = page.link;
  const troubled = [...page.troubled()].map(([id, status]) => `${id} ${status}`);
  const live = stage === Link.CONNECTED ? "Live" : h("b", {}, `Offline, you see ${page.seenAt(at)}`);
  return [live, troubled.length ? [", ", h("b", { id: "sources" }, oneLine(troubled.join(", ")))] : null];
}

const said = (item) => (item.private ? "Busy" : oneLine(item.title));
const CAPTIONS = { next: "Next in", free: "Next in", began: "Began", running: "Left", over: "Done", none: "Today" };

function Now({ state, at }) {
  const { kind, event, running, minutes, tomorrow } = state;
  const long = minutes >= 100;
  const number = long ? `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}` : minutes;
  const place = event && placeOf(event.item);
  const unit =
    kind === "over" || kind === "none" ? "meetings" : long ? "hours" : kind === "began" ? "minutes ago" : "minutes";
  return h(
    "section",
    { class: "wstage", "aria-label": "Now and next" },
    h(
      "div",
      { class: "wcount" },
      h("p", {}, CAPTIONS[kind]),
      h("b", { class: long ? "long" : "" }, number),
      h("p", {}, unit),
    ),
    h(
      "div",
      { class: "wnext" },
      event &&
        h("p", { class: "wt" }, `${clock(event.from)}–${clock(event.to)}${place ? `, ${oneLine(place)}` : ""}`),
      h(
        "h2",
        {},
        foreign("span", {}, event ? said(event.item) : tomorrow ? "Nothing more today" : "Nothing ahead"),
      ),
      event?.item.attendees?.length > 0 &&
        !event.item.private &&
        h("p", { class: "wwho" }, company(event.item.attendees)),
      running &&
        running !== event &&
        h(
          "p",
          { class: "wline" },
          "Now: ",
          foreign("span", {}, said(running.item)),
          `, ${Math.ceil((running.to - at) / MINUTE_MS)} min left`,
        ),
    ),
  );
}

function Then({ page, at, state }) {
  const { blocks, clashes } = timeline(page.ordered("calendar"), dayOf(at), at, page.ordered("conflicts"));
  const next = blocks
    .filter(
      (block) => isBusy(block) && block.from > at && block !== state.event && block.item !== state.event?.item,
    )
    .slice(0, NEXT);
  const twice = (item) => clashes.find(({ events }) => events[1].item === item);
  return h(
    "section",
    { class: "wthen", "aria-label": "Then", id: "calendar" },
    h(
      "ol",
      {},
      next.map(({ item, from }) => {
        const clash = twice(item);
        return h(
          "li",
          { key: item.id, class: clash ? "clash" : "", "data-code": item.code },
          h("span", { class: "wt" }, clock(from)),
          h(
            "span",
            { class: "wti" },
            foreign("span", { class: "title" }, said(item)),
            clash && h("small", {}, "overlaps ", foreign("span", {}, said(clash.events[0].item))),
          ),
        );
      }),
    ),
  );
}

// What is to be decided today, and the brief, in turn.
function Turn({ page, at, state }) {
  const brief = page.view.only("brief");
  const decisions = mostUrgent(page, at).slice(0, DECISIONS);
  const turn = brief && (decisions.length === 0 || Math.floor(at / TURN_MS) % 2 === 1);
  if (turn)
    return h(
      "section",
      { class: "wdec", id: "brief", "aria-label": "Brief" },
      h("h2", {}, "Brief"),
      h("div", { class: "text" }, content(brief, page)),
    );
  return h(
    "section",
    { class: "wdec", id: "priorities", "aria-labelledby": "priorities-title" },
    h("h2", { id: "priorities-title" }, "Decide today"),
    h(
      "ol",
      {},
      decisions.map((item, number) => {
        const due = dueShort(item, at);
        return h(
          "li",
          { key: item.id, "data-code": item.code, class: "row" },
          h("b", {}, number + 1),
          h(
            "span",
            {},
            foreign("span", { class: "title" }, oneLine(item.title)),
            due &&
              h(
                "small",
                { class: due.state === "overdue" ? "late" : "" },
                due.state === "overdue" ? due.text : `due ${due.text}`,
              ),
          ),
        );
      }),
    ),
    state.rooms.length > 0 &&
      h(
        "p",
        { class: "wfree" },
        "Free",
        state.rooms.slice(0, 2).map(({ from, to }) => [h("b", {}, clock(from)), ` to ${clock(to)}`]),
      ),
    decisions.length === 0 && h("p", { class: "none" }, "Nothing."),
    state.freeMs === 0 ? null : h("span", { class: "vh" }, duration(state.freeMs)),
  );
}

function Ribbon({ page, at }) {
  const { blocks, clashes, from, to } = timeline(page.ordered("calendar"), dayOf(at), at, page.ordered("conflicts"));
  const place = (one, other) => ({
    left: `${(100 * (one - from)) / (to - from)}%`,
    width: `${(100 * (other - one)) / (to - from)}%`,
  });
  const marks = [];
  for (let hour = from; hour < to; hour += 60 * MINUTE_MS) marks.push(hour);
  return h(
    "div",
    { class: "ribbon", "aria-hidden": "true" },
    marks.map((hour) => h("span", { key: hour, class: "wh", style: place(hour, hour) }, new Date(hour).getHours())),
    blocks.map(({ item, top, bottom, lane, lanes }) =>
      h("span", {
        key: item.id,
        class: `wb ${top <= at && at < bottom ? "current" : ""} ${page.soonest?.item === item ? "next" : ""} ${isBusy({ item }) ? "" : "off"}`,
        style: { ...place(top, bottom), "--lane": lane, "--lanes": lanes },
      }),
    ),
    clashes.map((one) => h("span", { key: `c${one.from}`, class: "wc", style: place(one.from, one.to) })),
    at > from && at < to && h("span", { class: "wnow", style: place(at, at) }),
  );
}

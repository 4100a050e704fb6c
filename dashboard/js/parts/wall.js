// A display that nobody types at: to be read from three metres. No codes, links, notes or buttons; what is marked private
// is only busy.

import "../begin.js"; // see parts/later.js
import { Stage as Link } from "../client.js";
import { cityOf, clock, clockIn, dayOf, dueShort, duration, MINUTE_MS, wholeDay } from "../dates.js";
import { Later } from "../later.js";
import { isBusy, timeline } from "../model/day.js";
import { placeOf, withoutSecrets } from "../model/join.js";
import { company } from "../model/now.js";
import { sourceName } from "../model/sources.js";
import { say } from "../words.js";
import { Component, foreign, h, oneLine } from "../ui.js";
import { before } from "./block.js";
import { mostUrgent } from "./list.js";
import { comesNext, counted } from "./stage.js";

const DECISIONS = 3; // read from across a room
const NEXT = 12; // more than there is ever room for
const TURN_MS = 20_000; // to read a screen from afar
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
      h(
        "h1",
        {},
        `${name} ${date}`,
        page.prefs.zone2 && h("small", {}, `${cityOf(page.prefs.zone2)} ${clockIn(page.prefs.zone2, at)}`),
      ),
      h("p", { class: "wstate", id: "link", role: "status" }, ...linkSaid(page, at)),
    ),
    h(
      "div",
      { class: "wgrid" },
      h(Now, { state, at, page }),
      h(Then, { page, at, state }),
      h(Turn, { page, at, state }),
      h(Ribbon, { page, at, state }),
    ),
  );
}

function linkSaid(page, at) {
  const { stage, asOf } = page.link;
  const old = [...page.troubled()].map(([id, status]) => `${sourceName(id)} ${say.sourceStates[status] ?? status}`);
  const troubled = old.length > 1 ? [say.sourcesOld(old.length)] : old;
  const left = page.expiry()?.minutesLeft(at) ?? null;
  if (left !== null) troubled.unshift(say.signInEnds(left));
  const live = stage === Link.CONNECTED && !asOf ? say.live : h("b", {}, say.offlineSee(page.seenAt(at)));
  return [live, troubled.length ? [", ", h("b", { id: "sources" }, oneLine(troubled.join(", ")))] : null];
}

const said = (item) => (item.private ? say.busy : oneLine(withoutSecrets(item.title)));
const nothing = (kind, tomorrow) =>
  !tomorrow ? say.nothingAhead : kind === "none" ? say.nothingToday : say.nothingMore;

function Now({ state, at, page }) {
  const { event, running, tomorrow } = state;
  const kind = state.kind === "free" ? "next" : state.kind; // what is to be decided stands beside it
  const { cap, long, number, unit } = counted(kind, state.minutes);
  const place = event && !event.item.private && placeOf(event.item);
  const who = event && !event.item.private ? company(event.item.attendees ?? [], page.me) : "";
  return h(
    "section",
    { class: "wstage", "aria-label": say.nowAndNext },
    h(
      "div",
      { class: "wcount" },
      h("p", {}, cap),
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
        foreign("span", {}, event ? said(event.item) : nothing(kind, tomorrow).replace(/\.$/, "")),
      ),
      who && h("p", { class: "wwho" }, who),
      tomorrow && h("p", { class: "wline" }, comesNext(foreign("span", {}, said(tomorrow.item)), tomorrow, at)),
      running &&
        running !== event &&
        h(
          "p",
          { class: "wline" },
          say.nowIs,
          foreign("span", {}, said(running.item)),
          say.minLeft(Math.ceil((running.to - at) / MINUTE_MS)),
        ),
    ),
  );
}

function Then({ page, at, state }) {
  const { blocks, clashes } = timeline(page.ordered("calendar"), dayOf(at), at, page.ordered("conflicts"));
  const all = blocks.filter((block) => isBusy(block) && block.from > at && block.item !== state.event?.item);
  const next = all.slice(0, NEXT);
  const twice = (item) => clashes.find(({ events }) => events[1].item === item);
  return h(
    "section",
    { class: "wthen", "aria-label": say.then, id: "calendar" },
    h(
      Fitted,
      { tag: "ol", more: all.length - next.length },
      next.map(({ item, from }) => {
        const clash = twice(item);
        const moved = before(item);
        return h(
          "li",
          { key: item.id, class: clash ? "clash" : "", "data-code": item.code },
          h("span", { class: "wt" }, clock(from)),
          h(
            "span",
            { class: "wti" },
            foreign("span", { class: "title" }, said(item)),
            moved && h("small", {}, say.movedFrom(moved)),
            clash && h("small", {}, say.overlapsWith, foreign("span", {}, said(clash.events[0].item)), `, ${duration(clash.to - clash.from).replaceAll(" ", "\u00a0")}`),
            !clash && item.answer === "needs_action" && h("small", { class: "faint" }, say.flags.needs_action),
          ),
        );
      }),
    ),
  );
}

// Nothing is half to be seen on a wall: of its statements those that fit, and how many more there are; `more` are those that
// it was not given.
class Fitted extends Component {
  hold = (element) => (this.place = element);
  // What stands in it may come later, and be drawn without it.
  watcher = new MutationObserver(() => this.fit());

  componentDidMount() {
    this.fit();
  }

  componentDidUpdate() {
    this.fit();
  }

  componentWillUnmount() {
    this.watcher.disconnect();
  }

  fit() {
    this.watcher.disconnect();
    this.hideRest();
    this.watcher.observe(this.place, { childList: true, subtree: true, characterData: true });
  }

  hideRest() {
    const { place, props } = this;
    const last = place.querySelector(".wmore");
    const all = [...place.querySelectorAll("li:not(.wmore), p:not(.wmore)")];
    const heads = [...place.querySelectorAll("h4")];
    for (const one of [...all, ...heads]) one.hidden = false;
    const { bottom, right } = place.getBoundingClientRect();
    const isOut = (one) => {
      const box = one.getBoundingClientRect();
      return box.bottom > bottom + 1 || box.left > right;
    };
    const tell = (count) => {
      last.hidden = count === 0;
      last.textContent = count ? say.more(count) : "";
    };
    const shown = all.filter((one) => one.firstChild);
    const prose = place.querySelector(".prose"); // of one piece: whole lines of it
    if (prose) prose.style.webkitLineClamp = Math.floor((bottom - prose.getBoundingClientRect().top) / parseFloat(getComputedStyle(prose).lineHeight));
    let left = 0;
    tell(props.more ?? 0);
    while (shown.length > 1 && isOut(last.hidden ? shown.at(-1) : last)) {
      shown.pop().hidden = true;
      left += 1;
      for (const head of heads) head.hidden = !head.nextElementSibling?.querySelector("li:not([hidden])");
      tell(left + (props.more ?? 0));
    }
  }

  render({ tag, children, class: name }) {
    return h(tag, { class: name, ref: this.hold }, children, h(tag === "ol" ? "li" : "p", { class: "wmore", hidden: true }));
  }
}

// What is to be decided today, and the brief, in turn.
function Turn({ page, at, state }) {
  const { brief } = page;
  const decisions = mostUrgent(page, at).slice(0, DECISIONS);
  const turn = brief && (decisions.length === 0 || Math.floor(at / TURN_MS) % 2 === 1);
  if (turn)
    return h(
      "section",
      { class: "wdec", id: "brief", "aria-label": say.brief },
      h("h2", {}, say.brief),
      h(Fitted, { tag: "div", class: "text" }, h(Later, { part: "BriefText", brief, page })),
    );
  return h(
    "section",
    { class: "wdec", id: "priorities", "aria-labelledby": "priorities-title" },
    h("h2", { id: "priorities-title" }, say.decideToday),
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
            foreign("span", { class: "title" }, oneLine(withoutSecrets(item.title))),
            due &&
              h(
                "small",
                { class: due.state === "overdue" ? "late" : "" },
                due.state === "overdue" ? due.text : say.dueOn(due.text),
              ),
          ),
        );
      }),
    ),
    state.rooms.length > 0 &&
      h(
        "p",
        { class: "wfree" },
        say.freeWall,
        " ",
        state.rooms.slice(0, 2).map(({ from, to }, number) => [number > 0 && say.andAlso, h("span", {}, h("b", {}, clock(from)), say.to(clock(to)))]),
      ),
    decisions.length === 0 && h("p", { class: "none" }, page.ordered("sources").length ? `${say.nothingToDecide[0]} ${say.quietBoard}` : `${say.noSources}.`),
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
    marks.map((hour) => h("span", { key: hour, class: "wh", style: place(hour, hour) }, Number(clock(hour).slice(0, 2)))),
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

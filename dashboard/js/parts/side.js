// Beside the list: why the server does not answer, what waits to be sent, what changed, what is proposed, the people, and
// whatever other sections the board has.

import { Stage as Link } from "../client.js";
import { age, clock, dayAndTime, dayName, dayOf, ms } from "../dates.js";
import { nameOf } from "../model/now.js";
import { sourceName } from "../model/sources.js";
import { say } from "../words.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";
import { BoardChoice } from "./boards.js";
import { Items } from "./list.js";
import { People } from "./people.js";
import { Proposals } from "./proposals.js";

// Sections that are shown in a way of their own; every other one is a list of its items.
const OWN = new Set("system calendar conflicts priorities commitments brief sources proposals prefs".split(" "));
// The panels, in the order in which they stand, and which can be left out.
const PANELS = { changes: Changes, proposals: Proposals, brief: BriefCard, people: People };

export function Side({ page, at, state }) {
  const others = page.view.sections.names.filter((name) => !OWN.has(name));
  return h(
    "aside",
    { class: "side", "aria-label": say.beside },
    h(Away, { page }),
    h(Waiting, { page }),
    page.panels().map((name) => h(PANELS[name], { key: name, page, at, state })),
    others.map((name) => h(Items, { key: name, page, name, at })),
  );
}

export function Away({ page }) {
  const { stage, why, code, boards } = page.link;
  if (stage !== Link.OFFLINE && stage !== Link.REFUSED) return null;
  const words = (boards ? say.nameBoard : say.server(why)).replace(/\.$/, "");
  const choice = code === "not_found" && h(BoardChoice, { names: boards ?? [""] });
  return h("p", { id: "banner", class: "banner" }, words[0]?.toUpperCase() ?? "", words.slice(1), ".", choice);
}

// Lines that the server has not answered, each of which can be taken back.
export function Waiting({ page }) {
  const waiting = page.waiting();
  if (waiting.length === 0) return null;
  return h(
    "section",
    { class: "queue", "aria-labelledby": "queue-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "queue-title" }, say.linesWait(waiting.length)),
      h("span", { class: "sum" }, page.keeps() ? say.keptHere : say.keptByPage),
    ),
    h(
      "ol",
      {},
      waiting.map(({ op, line }) =>
        h(
          "li",
          { key: op, class: "waits-line" },
          foreign("span", { class: "q" }, oneLine(line)),
          button("btn bare", "take-back", { "data-op": op, "aria-label": say.takeBack(oneLine(line)) }, icon("x")),
        ),
      ),
    ),
    h("p", {}, say.sentLater),
  );
}

const SIGNS = { removed: "x", cancelled: "x", moved: "arrow", added: "plus", done: "check" };
const MOST = 6; // rows of a panel; the rest are counted

// What others did since the person said that they had seen it.
function Changes({ page, at }) {
  const { list, count, since, more } = page.changes;
  if (list.length === 0) return null;
  const shown = list.slice(0, MOST);
  const isOpen = page.ui.open.has("changes");
  return h(
    "section",
    { id: "changes", class: isOpen ? "" : "folded", "aria-labelledby": "changes-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "changes-title" }, say.sinceYouLooked),
      h("span", { class: "sum" }, since ? say.changesSince(count + more, sinceSaid(since, at)) : count + more),
      h("span", { class: "end" }, button("btn bare", "seen", {}, say.seen, " ", h("kbd", {}, "E"))),
    ),
    // On a phone the day comes first: this line stands for the list until somebody opens it.
    button("fold", "fold", { "data-name": "changes", "aria-expanded": String(isOpen) }, icon(isOpen ? "down" : "right"), summed(list)),
    h(
      "ul",
      {},
      shown.map((change) => h(change.many ? Import : Change, { key: `${change.section}/${change.id}`, change, page, start: page.view.item(change.section, change.id)?.start, at })),
    ),
    list.length + more > MOST && h("p", { class: "faint" }, say.more(count + more - shown.reduce((sum, { many = 1 }) => sum + many, 0))),
  );
}

// "1 cancelled, 2 moved"
function summed(list) {
  const words = Map.groupBy(list, ({ what }) => what);
  return [...words].map(([what, items]) => `${items.reduce((sum, { many = 1 }) => sum + many, 0)} ${say.whats[what] ?? what}`).join(", ");
}

const sinceSaid = (since, at) => (dayOf(since) === dayOf(at) ? clock(since) : `${dayName(dayOf(since), dayOf(at))} ${clock(since)}`);

// The day need not be said when it is today.
const TODAY = () => new RegExp(`^${say.today} `, "i");

// "66 events", "Calendar: added"
function Import({ page, change: { section, many, what, by } }) {
  const noun = say.imports[section] ?? page.view.sections.get(section).nouns;
  return h(
    "li",
    { class: `change ${what}` },
    icon(SIGNS[what]),
    h("span", { class: "ti" }, `${many} ${noun}`),
    h("span", { class: "t", dir: "auto" }, say.whatBy(say.whats[what] ?? what, sourceName(by))),
  );
}

function Change({ change, start, at }) {
  const { what, code, title, by, name, changed } = change;
  const time = (wire) => dayAndTime(wire, at).replace(TODAY(), "");
  const isSource = by.includes(":");
  const who = oneLine(name ?? (isSource ? sourceName(by) : nameOf(by)));
  const word = say.whats[what] ?? what;
  const begins = what === "added" && start ? time(start) : "";
  const said =
    what === "moved" && changed?.start
      ? h("span", { class: "t" }, h("s", {}, time(changed.start.old)), " → ", h("b", {}, time(changed.start.new)))
      : // A source tells what happened elsewhere: by whom is of interest where it was a person.
        h("span", { class: "t", dir: "auto", title: say.whatBy(word, who) }, begins ? [word, ", ", h("b", {}, begins)] : isSource ? word : say.whatBy(word, who));
  const text = foreign("span", { class: "ti" }, oneLine(title));
  const isOff = what === "removed" || what === "cancelled";
  return h(
    "li",
    { class: `change ${what}` },
    icon(SIGNS[what] ?? "pencil"),
    what === "removed" ? h("s", {}, text) : button("opener-plain", "open", { "data-code": code }, isOff ? h("s", {}, text) : text),
    said,
  );
}

function BriefCard({ page, at }) {
  const { brief } = page;
  if (!brief) return null;
  const flash = page.flashOf("brief", brief.id);
  const made = [brief.outdated && say.outdated, ms(brief.set_at) && say.made(age(brief.set_at, at))].filter(Boolean).join(", ");
  return h(
    "section",
    { id: "brief-card", "aria-labelledby": "brief-card-title", class: flash ? "flash" : "" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "brief-card-title" }, say.brief),
      h("span", { class: brief.outdated ? "sum watch" : "sum" }, made),
      flash && h("span", { class: "by", dir: "auto" }, oneLine(flash)),
    ),
    button("card", "brief", {}, icon("file"), foreign("span", {}, oneLine(brief.title ?? say.activeBrief))),
  );
}

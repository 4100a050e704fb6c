// Beside the list: why the server does not answer, what waits to be sent, what changed, what is proposed, the people, and whatever other
// sections the board has.

import { Stage as Link } from "../client.js";
import { age, clock, dayAndTime, ms } from "../dates.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";
import { Items } from "./list.js";
import { People } from "./people.js";
import { Proposals } from "./proposals.js";

// Sections that are shown in a way of their own; every other one is a list of its items.
const OWN = new Set(
  "system calendar conflicts priorities commitments brief sources proposals".split(" "),
);

export function Side({ page, at }) {
  const others = page.view.sections.names.filter((name) => !OWN.has(name));
  return h(
    "aside",
    { class: "side", "aria-label": "Beside the list" },
    h(Away, { page }),
    h(Waiting, { page }),
    h(Changes, { page, at }),
    h(Proposals, { page }),
    h(BriefCard, { page, at }),
    h(People, { page, at }),
    others.map((name) => h(Items, { key: name, page, name, at })),
  );
}

export function Away({ page }) {
  const { stage, why } = page.link;
  if (stage !== Link.OFFLINE && stage !== Link.REFUSED) return null;
  const words = why.replace(/\.$/, "");
  return h("p", { id: "banner", class: "banner" }, words[0]?.toUpperCase() ?? "", words.slice(1), ".");
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
      h("h2", { id: "queue-title" }, waiting.length === 1 ? "1 line waits" : `${waiting.length} lines wait`),
      h("span", { class: "sum" }, page.keeps() ? "kept on this device" : "kept by this page only"),
    ),
    h(
      "ol",
      {},
      waiting.map(({ op, line }) =>
        h(
          "li",
          { key: op, class: "waits-line" },
          foreign("span", { class: "q" }, oneLine(line)),
          button(
            "btn bare",
            "take-back",
            { "data-op": op, "aria-label": `Take back: ${oneLine(line)}` },
            icon("x"),
          ),
        ),
      ),
    ),
    h("p", {}, "They are sent when the server is back. If something changed by then, you are asked first."),
  );
}

const SIGNS = { gone: "x", moved: "arrow", added: "plus", changed: "pencil" };
const MOST = 6;

// What others did since the person said that they had seen it.
function Changes({ page, at }) {
  const { list, since } = page.changes;
  if (list.length === 0) return null;
  const shown = list.slice(0, MOST);
  return h(
    "section",
    { id: "changes", "aria-labelledby": "changes-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "changes-title" }, "Since you looked"),
      h("span", { class: "sum" }, `${list.length} since ${clock(since)}`),
      h("span", { class: "end" }, button("btn bare", "seen", {}, "Seen ", h("kbd", {}, "E"))),
    ),
    h(
      "ul",
      {},
      shown.map((change) => h(Change, { key: change.key, change, at })),
    ),
    list.length > MOST && h("p", { class: "faint" }, `and ${list.length - MOST} more`),
  );
}

function Change({ change, at }) {
  const { kind, code, title, before, after, who } = change;
  const time = (wire) => dayAndTime(wire, at).replace(/^today /, "");
  const said =
    kind === "moved"
      ? h("span", { class: "t" }, h("s", {}, time(before)), " → ", h("b", {}, time(after)))
      : h(
          "span",
          { class: "t", dir: "auto" },
          kind === "gone" ? "removed" : kind === "added" ? `new, ${oneLine(who)}` : oneLine(who),
        );
  const text = foreign("span", { class: "ti" }, oneLine(title));
  return h(
    "li",
    { class: `change ${kind}` },
    icon(SIGNS[kind]),
    kind === "gone" ? h("s", {}, text) : button("opener-plain", "open", { "data-code": code }, text),
    said,
  );
}

function BriefCard({ page, at }) {
  const brief = page.view.only("brief");
  if (!brief) return null;
  const flash = page.flashOf("brief", brief.id);
  const made = `${brief.outdated ? "outdated, " : ""}made ${ms(brief.set_at) ? age(brief.set_at, at) : ""}`;
  return h(
    "section",
    { id: "brief-card", "aria-labelledby": "brief-card-title", class: flash ? "flash" : "" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "brief-card-title" }, "Brief"),
      h("span", { class: brief.outdated ? "sum watch" : "sum" }, made),
      flash && h("span", { class: "by", dir: "auto" }, oneLine(flash)),
    ),
    button("card", "brief", {}, icon("file"), foreign("span", {}, oneLine(brief.title ?? "The active brief"))),
  );
}

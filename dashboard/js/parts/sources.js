// The sources, behind the quiet words at the top: who feeds the board, how long ago, and what to do where one does not.

import { age } from "../dates.js";
import { say } from "../words.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";
import { sourceName } from "../model/sources.js";
import { shares } from "./bar.js";

export function SourcesPanel({ page, at }) {
  const sources = page.ordered("sources");
  const troubled = sources.filter(({ status }) => status !== "online");
  const sorted = [...troubled, ...sources.filter(({ status }) => status === "online")];
  const system = page.view.only("system");
  const running = system?.collection?.status === "running";
  return h(
    "section",
    { id: "sources", class: "pop", role: "dialog", "aria-labelledby": "sources-title" },
    h(
      "div",
      { class: "head" },
      h("h2", { id: "sources-title", tabIndex: -1 }, say.sources),
      h(
        "span",
        { class: troubled.length ? "sum note watch" : "sum note" },
        troubled.length ? say.notUpToDate(troubled.length) : "",
      ),
      h(
        "span",
        { class: "end collect", role: "group", "aria-label": say.collect, title: shares(system?.collection) },
        button("btn", "line", { "data-line": "refresh", disabled: running }, icon("refresh"), say.refresh),
        button("btn bare", "line", { "data-line": "quick", disabled: running }, say.quick),
        button("btn bare", "line", { "data-line": "full", disabled: running }, say.full),
        running && button("btn cancel", "cancel", {}, say.cancel),
      ),
    ),
    system && h("p", { class: "faint" }, systemSaid(system, at)),
    sources.length === 0 && h("p", { class: "none" }, say.noneYet),
    h(
      "ol",
      { "aria-labelledby": "sources-title", tabIndex: 0 },
      sorted.map((source) => h(Source, { key: source.id, source, at })),
    ),
    page.isSignedIn() && h("p", { class: "faint" }, button("btn bare", "sign-out", {}, say.signOut)),
  );
}

const systemSaid = ({ status, message, last_sync: last }, at) =>
  oneLine([status, message?.replace(/\.$/, ""), say.lastSync(age(last, at))].filter(Boolean).join(", "));

function Source({ source, at }) {
  const { id, status, message } = source;
  const run = runOf(source);
  return h(
    "li",
    { class: `src row ${status}` },
    h("span", { class: status === "online" ? "dot" : "dot ring", "aria-hidden": "true" }),
    h(
      "div",
      {},
      foreign("b", { class: "title", title: id }, sourceName(id)),
      h(
        "small",
        {},
        foreign("span", {}, oneLine(id)),
        `, ${say.sourceStates[status] ?? status}, `,
        h("span", { class: "count" }, itemsOf(source)),
      ),
      message && foreign("small", { class: "message", title: message }, oneLine(say.server(message))),
      say.whatToDo[status] && h("small", { class: "what-to-do" }, say.whatToDo[status]),
      status !== "online" && [
        source.modes?.length > 0 && button("btn", "ask-source", { "data-source": id }, say.tryNow),
        button("btn bare", "line", { "data-line": `forget ${id}`, title: `forget ${id}` }, say.remove),
      ],
    ),
    h("span", { class: source.run_status === "failed" ? "run failed" : "run" }, run),
    h("span", { class: "t age" }, age(source.last_push_at, at)),
  );
}

// How its run is; of one that ended well there is nothing to say.
function runOf({ run_status: status, percent }) {
  if (status === "running") return `${percent} %`;
  return { asked: say.asked, failed: say.failed }[status] ?? "";
}

// What it has brought: items of the board, records that can be searched, or both.
function itemsOf({ items, records, dismissed }) {
  const said = [];
  if (items || !records) said.push(say.items(items));
  if (records) said.push(say.records(records));
  if (dismissed?.length) said.push(say.droppedByPeople(dismissed.length));
  return said.join(", ");
}

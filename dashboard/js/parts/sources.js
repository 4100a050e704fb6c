// The sources, behind the quiet words at the top: who feeds the board, how long ago, and what to do where one does not.

import { age } from "../dates.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";
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
      h("h2", { id: "sources-title", tabIndex: -1 }, "Sources"),
      h(
        "span",
        { class: troubled.length ? "sum note watch" : "sum note" },
        troubled.length ? `${troubled.length} not up to date` : "",
      ),
      h(
        "span",
        { class: "end collect", role: "group", "aria-label": "Collect", title: shares(system?.collection) },
        button("btn", "line", { "data-line": "refresh", disabled: running }, icon("refresh"), "Refresh"),
        button("btn bare", "line", { "data-line": "quick", disabled: running }, "Quick"),
        button("btn bare", "line", { "data-line": "full", disabled: running }, "Full"),
        running && button("btn cancel", "cancel", {}, "Cancel"),
      ),
    ),
    system && h("p", { class: "faint" }, systemSaid(system, at)),
    sources.length === 0 && h("p", { class: "none" }, "None yet: start a collector."),
    h(
      "ol",
      { "aria-labelledby": "sources-title", tabIndex: 0 },
      sorted.map((source) => h(Source, { key: source.id, source, at })),
    ),
    page.isSignedIn() && h("p", { class: "faint" }, button("btn bare", "sign-out", {}, "Sign out on this device")),
  );
}

const systemSaid = ({ status, message, last_sync: last }, at) =>
  oneLine([status, message, `last sync ${age(last, at)}`].filter(Boolean).join(", "));

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
      foreign("b", { class: "title", title: id }, oneLine(id)),
      h("small", {}, h("span", { class: "status" }, status), ", ", h("span", { class: "count" }, itemsOf(source))),
      message && foreign("small", { class: "message", title: message }, oneLine(message)),
    ),
    h("span", { class: source.run_status === "failed" ? "run failed" : "run" }, run),
    h("span", { class: "t age" }, age(source.last_push_at, at)),
  );
}

// How its run is; of one that ended well there is nothing to say.
function runOf({ run_status: status, percent }) {
  if (status === "running") return `${percent} %`;
  return { asked: "asked", failed: "failed" }[status] ?? "";
}

// What it has brought: items of the board, records that can be searched, or both.
function itemsOf({ items, records, dismissed }) {
  const said = [];
  if (items || !records) said.push(items === 1 ? "1 item" : `${items.toLocaleString()} items`);
  if (records) said.push(records === 1 ? "1 record" : `${records.toLocaleString()} records`);
  if (dismissed?.length) said.push(`${dismissed.length} dropped by people`);
  return said.join(", ");
}

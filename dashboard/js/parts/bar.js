// The bar: the day, the time, the way to the command line, and in one word how the board is.

import { Stage as Link } from "../client.js";
import { age, clock, dayOf, wholeDay } from "../dates.js";
import { button, CTRL, h, icon, oneLine } from "../ui.js";

export function Bar({ page, at }) {
  const [name, date] = wholeDay(dayOf(at));
  return h(
    "header",
    { class: "bar" },
    h(
      "div",
      { class: "who" },
      h(
        "span",
        { class: "mark", "aria-hidden": "true" },
        h("svg", { viewBox: "0 0 24 24" }, h("path", { d: "M4 20 12 4l8 16M8 14h8" })),
      ),
      h("h1", { class: "date" }, name, " ", h("span", {}, date)),
      h("p", { class: "clocks" }, h("b", {}, clock(at))),
    ),
    button(
      "ask",
      "type",
      {},
      icon("search"),
      h("span", {}, "Type a command, a name or a code"),
      h("kbd", {}, `${CTRL} K`),
    ),
    h("div", { class: "state" }, h(Status, { page, at })),
  );
}

function Status({ page, at }) {
  const { link } = page;
  const sources = page.ordered("sources");
  const old = sources.filter(({ status }) => status !== "online");
  const { status = "", progress = 0, message } = page.view.only("system") ?? {};
  const works = ["COLLECTING", "PROCESSING"].includes(status);
  return [
    works &&
      h(
        "span",
        { class: "chip", id: "system", title: message || null },
        h("progress", {
          max: 100,
          value: progress,
          "aria-label": "Progress of the collection",
          title: shares(page.view.only("system").collection),
        }),
        `${progress} %`,
      ),
    button(
      `chip sources-open ${old.length ? "watch" : ""}`,
      "sources",
      { "aria-expanded": String(page.ui.panel?.kind === "sources"), "aria-haspopup": "dialog" },
      old.length ? [icon("hourglass"), h("span", {}, trouble(old, at))] : h("span", {}, fresh(sources)),
    ),
    h(LinkChip, { link, page, at }),
  ];
}

const fresh = (sources) =>
  sources.length === 0
    ? "No sources yet"
    : sources.length === 1
      ? "1 source fresh"
      : `${sources.length} sources fresh`;

function trouble(old, at) {
  const [first] = old;
  if (old.length > 1) return `${old.length} sources not up to date`;
  const last = age(first.last_push_at, at);
  if (first.status === "error") return `${oneLine(first.id)} failed`;
  return `${oneLine(first.id)} ${last.endsWith(" ago") ? last.replace(" ago", " old") : first.status}`;
}

// How far each source is, one a line; null when there is nothing to tell.
export function shares(collection) {
  if (!collection?.sources?.length) return null;
  const lines = collection.sources.map(({ source, status, percent, message }) => {
    const said = status === "running" ? `${percent} %` : status;
    return [`${source}: ${said}`, message].filter(Boolean).join(", ");
  });
  return lines.join("\n");
}

function LinkChip({ link, page, at }) {
  const { stage, why } = link;
  const held = page.view.only("system") !== null;
  const away = stage === Link.OFFLINE || stage === Link.REFUSED;
  if (away)
    return [
      h(
        "span",
        { id: "link", class: "chip off", title: why, role: "status" },
        icon("wifi-off"),
        stage === Link.REFUSED ? "Not signed in." : "Offline.",
        held ? ` You see ${page.seenAt(at)}` : "",
      ),
      stage === Link.OFFLINE && button("btn", "connect", {}, "Try now"),
    ];
  const words = { [Link.CONNECTED]: "Live", [Link.CATCHING_UP]: "Catching up", [Link.CONNECTING]: "Connecting" }[
    stage
  ];
  return h(
    "span",
    { id: "link", class: "chip", role: "status" },
    h("span", { class: stage === Link.CONNECTED ? "dot" : "dot ring" }),
    words,
  );
}

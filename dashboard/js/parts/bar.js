// The bar: the day, the time, the way to the command line, and in one word how the board is.

import { Stage as Link } from "../client.js";
import { age, cityOf, clock, clockIn, dayOf, wholeDay } from "../dates.js";
import { sourceName } from "../model/sources.js";
import { say } from "../words.js";
import { button, CTRL, h, icon } from "../ui.js";
import { BoardChip } from "./boards.js";

export function Bar({ page, at }) {
  const [name, date] = wholeDay(dayOf(at));
  const { zone2 } = page.prefs;
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
      h("p", { class: "clocks" }, h("b", {}, clock(at)), zone2 && h("span", { class: "second" }, `${cityOf(zone2)} ${clockIn(zone2, at)}`)),
    ),
    button("ask", "type", {}, icon("search"), h("span", {}, say.ask), h("kbd", {}, `${CTRL} K`)),
    h("div", { class: "status" }, h(Status, { page, at })),
  );
}

function Status({ page, at }) {
  const { link } = page;
  const sources = page.ordered("sources");
  const old = sources.filter(({ status }) => status !== "online");
  const { status = "", progress = 0, message } = page.view.only("system") ?? {};
  const works = ["COLLECTING", "PROCESSING"].includes(status);
  return [
    h(BoardChip, { page }),
    works &&
      h(
        "span",
        { class: "chip", id: "system", title: message || null },
        h("progress", {
          max: 100,
          value: progress,
          "aria-label": say.progress,
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
    button("btn ico add-open", "edit-line", { "data-line": "add priority ", "aria-label": say.addOne, title: "add priority" }, icon("plus")),
    button(
      "btn ico settings-open",
      "settings",
      { "aria-label": say.settings, title: say.settings, "aria-expanded": String(page.ui.panel?.kind === "settings"), "aria-haspopup": "dialog" },
      icon("sliders"),
    ),
  ];
}

const fresh = (sources) => (sources.length === 0 ? say.noSources : say.sourcesFresh(sources.length));

function trouble(old, at) {
  const [first] = old;
  if (old.length > 1) return say.sourcesOld(old.length);
  const name = sourceName(first.id);
  if (first.status === "error") return say.sourceFailed(name);
  return first.status === "stale" ? say.sourceOld(name, age(first.last_push_at, at)) : `${name} ${say.sourceStates[first.status]}`;
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
  const { stage, why, asOf } = link;
  const held = page.view.only("system") !== null;
  const away = stage === Link.OFFLINE || stage === Link.REFUSED;
  if (away)
    return [
      h(
        "span",
        { id: "link", class: "chip off", title: say.server(why), role: "status" },
        icon("wifi-off"),
        stage === Link.OFFLINE ? say.offline : link.code === "not_found" ? say.noBoard : say.notSignedIn,
        held ? ` ${say.youSee(page.seenAt(at))}` : "",
      ),
      stage === Link.OFFLINE && button("btn", "connect", {}, say.tryNow),
    ];
  const words = { [Link.CONNECTED]: say.live, [Link.CATCHING_UP]: say.catchingUp, [Link.CONNECTING]: say.connecting }[stage];
  return h(
    "span",
    { id: "link", class: "chip", role: "status" },
    h("span", { class: stage === Link.CONNECTED && !asOf ? "dot" : "dot ring" }),
    asOf ? `${say.catchingUp} ${say.youSee(page.seenAt(at))}` : words,
  );
}

// The first run: what to do so that the board fills, each with the command that does it.

import "../begin.js"; // see parts/later.js
import { say } from "../words.js";
import { button, h, icon } from "../ui.js";

// The collectors' own default needs no --url.
const to = () => {
  const url = new URL(".", location.href).href.replace(/\/$/, "");
  return /^http:\/\/(127\.0\.0\.1|localhost):8000$/.test(url) ? "" : ` --url ${url}`;
};
const collector = (name, what) => `.venv/bin/python -m collectors.${name} ${what} --watch${to()}`;

// Each way is [the word for it, its command].
const CARDS = [
  {
    name: "calendar",
    ways: () => [
      [say.ways.file, collector("ics", "~/calendar.ics")],
      [say.ways.address, collector("ics", "https://example.org/secret.ics").replace("--watch", "--every 15")],
      [say.ways.folder, collector("ics", "~/calendars/*.ics")],
    ],
    more: () => say.whereAddress,
  },
  {
    name: "notes",
    ways: () => [
      [say.ways.notes, collector("notes", "~/notes")],
      [say.ways.mail, collector("mail", "~/Mail")],
      [say.ways.chat, collector("slack", "~/export.zip")],
    ],
    more: () => say.whereRun,
  },
  { name: "matters", line: "add priority Sign the lease by Friday !!" },
];

const isLocal = () => /^(127\.0\.0\.1|localhost|\[::1\])$/.test(location.hostname);

export function Welcome({ page }) {
  return [
    h(
      "section",
      { id: "now", class: "stage hello", "aria-label": say.welcome },
      h(
        "div",
        { class: "counter" },
        h("span", { class: "cap" }, say.stepsDone),
        h("b", {}, "0"),
        h("span", { class: "unit" }, say.ofSteps(CARDS.length)),
      ),
      h(
        "div",
        { class: "about" },
        h("p", { class: "eyebrow" }, say.welcomeTo),
        h("h2", {}, say.threeSteps),
        h("p", { class: "line" }, say.eachAMinute),
      ),
    ),
    h(
      "ol",
      { class: "cards" },
      CARDS.map((card, number) => h(Card, { key: card.name, card, number: number + 1, page })),
    ),
    h(
      "div",
      { class: "wait" },
      h(
        "p",
        {},
        h("span", { class: "pulse", "aria-hidden": "true" }),
        say.waitingFirst,
        h("code", {}, "make demo"),
        say.inServersFolder,
      ),
      h("p", { class: "phone-hint" }, isLocal() ? say.onPhoneLocal : say.onPhone),
      h(
        "dl",
        { class: "ghost" },
        say.ghosts.map(([title, words]) => h("div", { key: title }, h("dt", {}, title), h("dd", {}, words))),
      ),
    ),
  ];
}

function Card({ card: { name, ways, line, more }, number, page }) {
  const [title, words] = say.cards[name];
  const all = ways?.() ?? [];
  const chosen = Math.min(page.ui.ways[name] ?? 0, Math.max(0, all.length - 1));
  const said = line ?? all[chosen][1];
  return h(
    "li",
    { class: "stepcard sheet" },
    h("span", { class: "num", "aria-hidden": "true" }, number),
    h("h3", {}, title),
    h("p", {}, words),
    all.length > 0 &&
      h(
        "div",
        { class: "segments", role: "group", "aria-label": title },
        all.map(([way], at) =>
          button(at === chosen ? "on" : "", "way", { key: way, "data-card": name, "data-way": at, "aria-pressed": String(at === chosen) }, way),
        ),
      ),
    h(
      "div",
      { class: "cmd" },
      h("code", {}, said.split(/(--\S+)/).map((part) => (part.startsWith("--") ? h("span", {}, part) : part))),
      line
        ? button("btn", "edit-line", { "data-line": line }, say.typeIt)
        : button("btn ico", "copy", { "data-text": said, "aria-label": say.copy(said) }, icon("copy")),
    ),
    h("p", { class: "alt" }, more ? more() : [say.allCommands, h("kbd", {}, "?")]),
  );
}

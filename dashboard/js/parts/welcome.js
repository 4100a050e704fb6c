// The first run: what to do so that the board fills, each with the command that does it.

import { button, h, icon } from "../ui.js";

// Whether there is nothing yet: no source, no item.
export function isFirstRun({ view }) {
  const has = (name) => !view.items(name).next().done;
  return !has("sources") && !has("brief") && !view.sections.coded.some(has);
}

// The collectors' own default needs no --url.
const to = () => {
  const url = new URL(".", location.href).href.replace(/\/$/, "");
  return /^http:\/\/(127\.0\.0\.1|localhost):8000$/.test(url) ? "" : ` --url ${url}`;
};

const CARDS = [
  {
    title: "Bring your calendar",
    words: "Any .ics file, or the secret address that Google, Outlook or Apple give for one.",
    command: () => `.venv/bin/python -m collectors.ics ~/calendar.ics --watch${to()}`,
  },
  {
    title: "Add notes or mail",
    words: "Tasks and promises are found in them, with the line they stand in.",
    command: () => `.venv/bin/python -m collectors.notes ~/notes --watch${to()}`,
  },
  {
    title: "Write down what matters",
    words: "Type anywhere on this page: any letter opens the command line.",
    line: "add priority Sign the lease",
  },
];

// What the empty places will show.
const PARTS = [
  ["Priorities", "What is yours to do, by when it is due."],
  ["People", "Who waits for you, and who owes you."],
  ["Since you looked", "What was moved, added or cancelled while you were away."],
];

export function Welcome() {
  return [
    h(
      "section",
      { id: "now", class: "stage hello", "aria-label": "Welcome" },
      h(
        "div",
        { class: "counter" },
        h("span", { class: "cap" }, "Done"),
        h("b", {}, "0"),
        h("span", { class: "unit" }, "of 3 steps"),
      ),
      h(
        "div",
        { class: "about" },
        h("p", { class: "eyebrow" }, "Welcome to Adjutant"),
        h("h2", {}, "Three steps, and this is your day."),
        h(
          "p",
          { class: "line" },
          "Each takes a minute. The page fills by itself as things arrive, and nothing leaves this machine.",
        ),
      ),
    ),
    h(
      "ol",
      { class: "cards" },
      CARDS.map((card, number) => h(Card, { key: card.title, card, number: number + 1 })),
    ),
    h(
      "div",
      { class: "wait" },
      h(
        "p",
        {},
        h("span", { class: "pulse", "aria-hidden": "true" }),
        "Waiting for the first source. To look around with a made-up day, run ",
        h("code", {}, "make demo"),
        " in the server's folder.",
      ),
      h(
        "dl",
        { class: "ghost" },
        PARTS.map(([title, words]) => h("div", { key: title }, h("dt", {}, title), h("dd", {}, words))),
      ),
    ),
  ];
}

function Card({ card: { title, words, command, line }, number }) {
  const said = line ?? command();
  return h(
    "li",
    { class: "stepcard sheet" },
    h("span", { class: "num", "aria-hidden": "true" }, number),
    h("h3", {}, title),
    h("p", {}, words),
    h(
      "div",
      { class: "cmd" },
      h("code", {}, said),
      line
        ? button("btn", "edit-line", { "data-line": line }, "Type it")
        : button("btn ico", "copy", { "data-text": said, "aria-label": `Copy: ${said}` }, icon("copy")),
    ),
    h(
      "p",
      { class: "alt" },
      line ? ["All commands: press ", h("kbd", {}, "?")] : "In the folder that the server was started from.",
    ),
  );
}

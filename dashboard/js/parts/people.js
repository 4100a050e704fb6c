// The commitments by person: who waits for what of yours, who owes you what, and when you meet.

import { dueShort, MINUTE_MS, clock } from "../dates.js";
import { byPerson, initials } from "../model/groups.js";
import { isOneOf } from "../model/now.js";
import { say } from "../words.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";
import { Row } from "./row.js";
import { Rows } from "./rows.js";

export function People({ page, at, state }) {
  const { sections } = page.view;
  const items = page.ordered("commitments");
  const isKept = (item) => sections.isDone("commitments", item) && !item.doing && !page.justDone.has(item.id);
  const open = items.filter((item) => !isKept(item));
  const kept = items.filter(isKept);
  const people = byPerson(open);
  const showsKept = kept.length > 0 && page.ui.open.has("kept");
  const waits = open.filter(({ direction }) => direction === "owe").length;
  return h(
    "section",
    { id: "commitments", class: "people", "aria-labelledby": "commitments-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "commitments-title" }, say.people),
      h("span", { class: "sum count" }, tally(waits, open.length - waits)),
      kept.length > 0 &&
        h(
          "span",
          { class: "end" },
          button(
            "btn bare",
            "fold",
            { "data-name": "kept", "aria-expanded": String(page.ui.open.has("kept")) },
            say.kept(kept.length),
          ),
        ),
    ),
    items.length === 0 && h("p", { class: "none" }, say.nobodyWaits),
    h(Rows, {
      class: "rows",
      "data-list": "commitments",
      "aria-labelledby": "commitments-title",
      rows: [...people.flatMap((person) => entries(page, person, at, state)), ...(showsKept ? keptRows(page, kept, at) : [])],
    }),
  );
}

const tally = (waits, owes) => [waits && say.waitForYou(waits), owes && say.oweYou(owes)].filter(Boolean).join(", ");

const keptRows = (page, kept, at) => [
  () => h("li", { key: "head kept", class: "group" }, h("h3", {}, say.keptTitle), h("span", { class: "n" }, kept.length)),
  ...kept.map((item) => () => h(Row, { key: item.id, ...commitmentRow(page, item, at) })),
];

// What stands under a person's name, each as a function that makes it; see Rows.
function entries(page, person, at, state) {
  const { key, name, waits, owes } = person;
  const open = name === "" || page.ui.people.has(key);
  const meets = open && name !== "" ? meeting(name, page, state, at) : "";
  const head = name === "" ? [] : [() => h(Person, { key: `person ${key}`, person, at, open, meets })];
  if (!open) return head;
  const part = (title, items) =>
    items.length === 0
      ? []
      : [
          () => h("li", { key: `head ${key} ${title}`, class: "group" }, h("h3", {}, title)),
          ...items.map((item) => () => h(Row, { key: item.id, ...commitmentRow(page, item, at) })),
        ];
  return [
    ...head,
    ...part(name ? say.waitsForHead : say.youOwe, waits),
    ...part(name ? say.owesYouHead : say.owedToYou, owes),
  ];
}

// "you meet in 12 min": when they come to the meeting that runs or is next, or to a later one today.
function meeting(name, page, state, at) {
  const event = page.meetings(at).find(({ item, to }) => to > at && (item.attendees ?? []).some((one) => isOneOf(one, [name])));
  if (!event) return "";
  const left = Math.ceil((event.from - at) / MINUTE_MS);
  return say.youMeet(left <= 0 ? say.nowWord : left < 60 ? say.inMinutes(left) : say.atHour(clock(event.from)));
}

// "waits for 2, owes 1", and the most pressing of them.
function Person({ person, at, open, meets }) {
  const { key, name, waits, owes, first } = person;
  const due = dueShort(first, at);
  const counts = [waits.length && say.waitsForN(waits.length), owes.length && say.owesN(owes.length)]
    .filter(Boolean)
    .join(", ");
  const owing = first.direction === "owe" ? "" : say.owesYou;
  return h(
    "li",
    { class: "person" },
    button(
      "opener person-open",
      "person",
      { "data-name": key, tabIndex: -1, "aria-expanded": String(open) },
      h("span", { class: "face", "aria-hidden": "true" }, initials(name)),
      h(
        "span",
        { class: "who" },
        h("span", { class: "name" }, foreign("b", {}, oneLine(name)), " ", h("small", {}, counts)),
        !open &&
          h("span", { class: "first" }, owing, foreign("span", { class: "title" }, oneLine(first.description))),
        open && meets && h("span", { class: "first" }, meets),
      ),
      h(
        "span",
        { class: "meta" },
        !open && due && h("span", { class: `d due ${due.state}` }, due.text),
        !open && h("span", { class: "code" }, first.code),
        open && icon("down"),
      ),
    ),
  );
}

function commitmentRow(page, item, at) {
  const done = page.view.sections.isDone("commitments", item);
  const due = done ? null : dueShort(item, at);
  const trouble = page.troubled().get(item.source);
  return {
    item,
    title: item.description,
    when: done ? say.keptOne : due?.text,
    state: due?.state,
    before: done ? null : page.before(item)?.code,
    beforeWhat: page.before(item)?.title,
    note: trouble ? `${item.source} (${trouble})` : null,
    classes: ["commitment", item.status, trouble && "stale"].filter(Boolean).join(" "),
    done,
    flash: page.flashOf("commitments", item.id),
    ...page.editingOf(item, at),
  };
}

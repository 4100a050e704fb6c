// The priorities by when they are due; and any section that has no panel of its own, as a list of its items.

import { dayAndTime, dueShort } from "../dates.js";
import { byDue, GROUPS } from "../model/groups.js";
import { button, h, icon } from "../ui.js";
import { Row } from "./row.js";

export function Priorities({ page, at }) {
  const { view, ui } = page;
  const { sections } = view;
  const items = page.ordered("priorities");
  const isDone = (item) => sections.isDone("priorities", item);
  const groups = byDue(items, at, isDone, (item) => item.doing || page.justDone.has(item.id));
  const open = items.filter((item) => !isDone(item));
  const shown = GROUPS.filter(({ name, folded }) => groups.get(name).length && (!folded || ui.open.has(name)));
  const folds = GROUPS.filter(({ name, folded }) => folded && groups.get(name).length);
  const troubled = page.troubled();
  return h(
    "section",
    { id: "priorities", class: "list sheet", "aria-labelledby": "priorities-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "priorities-title" }, "Priorities"),
      h("span", { class: "sum count" }, open.length),
    ),
    items.length === 0 && h(Quiet, { page }),
    h(
      "ol",
      { class: "roll rows", "data-list": "priorities", "aria-labelledby": "priorities-title" },
      shown.flatMap(({ name, title }) => [
        h(GroupHead, { key: `head ${name}`, name, title, count: groups.get(name).length }),
        ...groups.get(name).map((item) => h(Row, { key: item.id, ...priorityRow(page, item, at, troubled) })),
      ]),
    ),
    folds.length > 0 &&
      h(
        "footer",
        { class: "folds" },
        folds.map(({ name, title }) => {
          const isOpen = ui.open.has(name);
          return button(
            "fold",
            "fold",
            { "data-name": name, "aria-expanded": String(isOpen) },
            icon(isOpen ? "down" : "right"),
            title,
            h("span", {}, groups.get(name).length),
            name === "snoozed" && !isOpen && h("span", { class: "wide" }, firstBack(groups.get(name), at)),
          );
        }),
      ),
  );
}

// What is open and due soonest comes first: what the stage offers for a free hour.
export function mostUrgent(page, at) {
  const groups = byDue(
    page.ordered("priorities"),
    at,
    (item) => page.view.sections.isDone("priorities", item),
    () => false,
  );
  return ["overdue", "today", "week", "any"].flatMap((name) => groups.get(name));
}

function firstBack(items, at) {
  const times = items
    .map((item) => item.snoozed_until)
    .filter(Boolean)
    .sort();
  return times.length ? `first back ${dayAndTime(times[0], at)}` : "";
}

function Quiet({ page }) {
  const known = page.view.items("sources").next().value;
  return h(
    "p",
    { class: "none quiet" },
    known ? "Nothing to decide. Type anything to add one." : "Nothing yet. Type “add priority” and what it is.",
  );
}

const GroupHead = ({ name, title, count }) =>
  h("li", { class: `group ${name}` }, h("h3", {}, title), h("span", { class: "n" }, count));

function priorityRow(page, item, at, troubled) {
  const done = item.status === "done";
  const due = done ? null : dueShort(item, at);
  const snoozed = item.status === "snoozed" && item.snoozed_until;
  const trouble = troubled.get(item.source);
  return {
    item,
    title: item.title,
    when: snoozed ? `until ${dayAndTime(item.snoozed_until, at)}` : due && due.text !== "today" ? due.text : null,
    state: snoozed ? "" : due?.state,
    note: trouble ? `${item.source} (${trouble})` : null,
    classes: ["priority", item.status === "done" ? "" : item.status, item.urgency, trouble && "stale"]
      .filter(Boolean)
      .join(" "),
    done,
    flash: page.flashOf("priorities", item.id),
    editing: page.ui.editing === item.code,
  };
}

// The list of a section that the page knows nothing more of.
export function Items({ page, name, at }) {
  const { view } = page;
  const { nouns } = view.sections.get(name);
  const items = page.ordered(name);
  const isDone = (item) => view.sections.isDone(name, item);
  const open = items.filter((item) => !isDone(item));
  const done = items.filter(isDone);
  const title = nouns[0].toUpperCase() + nouns.slice(1);
  return h(
    "section",
    { id: name, class: "items", "aria-labelledby": `${name}-title` },
    h(
      "header",
      { class: "head" },
      h("h2", { id: `${name}-title` }, title),
      h("span", { class: "sum count" }, open.length),
    ),
    items.length === 0 && h("p", { class: "none" }, "None."),
    h(
      "ol",
      { class: "rows", "data-list": name, "aria-labelledby": `${name}-title` },
      [...open, ...done].map((item) => {
        const due = isDone(item) ? null : dueShort(item, at);
        return h(Row, {
          key: item.id,
          item,
          title: view.sections.headline(name, item),
          when: due?.text,
          state: due?.state,
          done: isDone(item),
          flash: page.flashOf(name, item.id),
          editing: page.ui.editing === item.code,
        });
      }),
    ),
  );
}

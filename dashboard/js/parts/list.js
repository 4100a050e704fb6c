// The priorities by when they are due; and any section that has no panel of its own, as a list of its items.

import { dayAndTime, dueShort, duration, MINUTE_MS, ms } from "../dates.js";
import { byDue, GROUPS, planned } from "../model/groups.js";
import { say } from "../words.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";
import { Row } from "./row.js";
import { Rows } from "./rows.js";

export function Priorities({ page, at, state }) {
  const { view, ui } = page;
  const { sections } = view;
  const items = page.ordered("priorities");
  const isDone = (item) => sections.isDone("priorities", item);
  const groups = byDue(items, at, isDone, (item) => item.doing || page.justDone.has(item.id));
  const open = items.filter((item) => !isDone(item));
  const shown = GROUPS.filter(({ name, folded }) => groups.get(name).length && (!folded || ui.open.has(name)));
  const folds = GROUPS.filter(({ name, folded }) => folded && groups.get(name).length);
  const pressing = planned([...groups.get("overdue"), ...groups.get("today")], isDone);
  const hasTimes = pressing.known > 0;
  return h(
    "section",
    { id: "priorities", class: "list sheet", "aria-labelledby": "priorities-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "priorities-title" }, say.priorities),
      h("span", { class: "sum count" }, open.length),
      hasTimes && h(Load, { planned: pressing.ms, free: state?.freeMs ?? 0 }),
    ),
    hasTimes && h(LoadLine, { planned: pressing.ms, free: state?.freeMs ?? 0 }),
    shown.length === 0 && h(Quiet, { page, open, later: groups.get("later"), at }),
    h(Rows, {
      class: "roll rows",
      "data-list": "priorities",
      "aria-labelledby": "priorities-title",
      rows: shown.flatMap(({ name }) => [
        () => h(GroupHead, { key: `head ${name}`, name, items: groups.get(name), isDone }),
        ...groups.get(name).map((item) => () => h(Row, { key: item.id, ...priorityRow(page, item, at, { name, hasTimes }) })),
      ]),
    }),
    folds.length > 0 &&
      h(
        "footer",
        { class: "folds" },
        folds.map(({ name }) => {
          const isOpen = ui.open.has(name);
          return button(
            "fold",
            "fold",
            { "data-name": name, "aria-expanded": String(isOpen) },
            icon(isOpen ? "down" : "right"),
            say.groups[name],
            h("span", {}, groups.get(name).length),
            name === "snoozed" && !isOpen && h("span", { class: "wide" }, firstBack(groups.get(name), at)),
          );
        }),
      ),
  );
}

// What is planned for today beside the hours that are free: in words, and as a line of which the part that is too much is
// amber.
const Load = ({ planned: wanted, free }) =>
  h(
    "span",
    { class: wanted > free ? "end load too-much" : "end load" },
    h("b", {}, say.toDo(duration(wanted))),
    say.freeTodayShort(duration(free)),
  );

function LoadLine({ planned: wanted, free }) {
  const whole = Math.max(wanted, free, 1);
  const fits = (100 * Math.min(wanted, free)) / whole;
  const over = wanted > free;
  return h(
    "svg",
    { class: "load-line", viewBox: "0 0 100 3", preserveAspectRatio: "none", role: "img", "aria-label": say.loadSaid(duration(wanted), duration(free)) },
    h("rect", { class: "track", width: 100, height: 3 }),
    h("rect", { class: "fits", width: fits, height: 3 }),
    over && h("rect", { class: "over", x: Math.min(99, fits + (fits ? 0.8 : 0)), width: Math.max(1, 100 - fits - 0.8), height: 3 }),
  );
}

// What is open and due soonest comes first: what the stage offers for a free hour.
export function mostUrgent(page, at) {
  const groups = page.byDue(at);
  return ["overdue", "today", "week", "any"].flatMap((name) => groups.get(name));
}

function firstBack(items, at) {
  const times = items
    .map((item) => item.snoozed_until)
    .filter(Boolean)
    .sort();
  return times.length ? say.firstBack(dayAndTime(times[0], at)) : "";
}

// In place of the rows: that there is nothing is worth saying.
function Quiet({ page, open, later, at }) {
  const [first] = [...later].sort((one, other) => ms(one.due_date) - ms(other.due_date));
  const next = first && [say.nextIs, foreign("b", {}, oneLine(first.title)), `, ${dayAndTime(first.due_date, at)}.`];
  const known = page.ordered("priorities").length > 0 || page.ordered("sources").length > 0;
  const [title, words] = open.length > 0 ? [say.nothingThisWeek, next] : known ? say.nothingToDecide : say.nothingYet;
  return h("div", { class: "quiet" }, icon("check"), h("p", {}, title), words && h("p", {}, words));
}

function GroupHead({ name, items, isDone }) {
  const { ms, known } = planned(items, isDone);
  return h(
    "li",
    { class: `group ${name}` },
    h("h3", {}, say.groups[name]),
    h("span", { class: "n" }, items.length),
    known > 0 && name !== "done" && h("span", { class: "n sum-of" }, duration(ms)),
  );
}

const NOW = ["overdue", "today"];

function priorityRow(page, item, at, { name, hasTimes }) {
  const done = item.status === "done";
  const due = done ? null : dueShort(item, at);
  const snoozed = item.status === "snoozed" && item.snoozed_until;
  const trouble = page.troubled().get(item.source);
  const guessed = !item.minutes && hasTimes && NOW.includes(name);
  return {
    item,
    title: item.title,
    when: snoozed ? say.until(dayAndTime(item.snoozed_until, at)) : due && due.text !== say.today ? due.text : null,
    state: snoozed ? "" : due?.state,
    before: done || snoozed ? null : page.before(item)?.code,
    beforeWhat: page.before(item)?.title,
    takes: item.minutes ? duration(item.minutes * MINUTE_MS) : guessed ? "~30 min" : "",
    guessed,
    note: trouble ? `${item.source} (${trouble})` : null,
    classes: ["priority", item.status === "done" ? "" : item.status, item.urgency, trouble && "stale"]
      .filter(Boolean)
      .join(" "),
    done,
    flash: page.flashOf("priorities", item.id),
    grip: !done,
    ...page.editingOf(item, at),
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
    items.length === 0 && h("p", { class: "none" }, say.none),
    h(Rows, {
      class: "rows",
      "data-list": name,
      "aria-labelledby": `${name}-title`,
      rows: [...open, ...done].map((item) => () => {
        const due = isDone(item) ? null : dueShort(item, at);
        return h(Row, {
          key: item.id,
          item,
          title: view.sections.headline(name, item),
          when: due?.text,
          state: due?.state,
          done: isDone(item),
          flash: page.flashOf(name, item.id),
          ...page.editingOf(item, at),
        });
      }),
    }),
  );
}

// The phone's tabs, by the thumb; and which of the lists its second one shows.

import { dayOf } from "../dates.js";
import { say } from "../words.js";
import { button, h, icon } from "../ui.js";

const TABS = [
  ["today", "calendar"],
  ["list", "list"],
  ["brief", "file"],
  ["search", "search"],
];

export function Tabs({ page, at }) {
  const due = page.byDue(at);
  const pressing = due.get("overdue").length + due.get("today").length;
  return h(
    "nav",
    { class: "tabs", "aria-label": say.parts, "data-day": dayOf(at) },
    TABS.map(([name, sign]) =>
      button(
        page.ui.tab === name ? "on" : "",
        "tab",
        { key: name, "data-name": name, "aria-current": page.ui.tab === name ? "page" : null },
        icon(sign),
        h("span", {}, say.tabs[name]),
        name === "list" && pressing > 0 && h("b", { class: "badge", "aria-label": say.dueCount(pressing) }, pressing),
      ),
    ),
  );
}

// Which list the phone shows: what is hidden in the settings is no choice, and proposals are one while there are some.
export function listOf(page) {
  const { list } = page.ui;
  return choices(page).some(([name]) => name === list) ? list : "priorities";
}

export function Lists({ page }) {
  const shown = listOf(page);
  return h(
    "div",
    { class: "segments lists", role: "group", "aria-label": say.lists },
    choices(page).map(([name, title, count]) =>
      button(
        shown === name ? "on" : "",
        "list",
        { key: name, "data-name": name, "aria-pressed": String(shown === name) },
        title,
        h("span", {}, count),
      ),
    ),
  );
}

// [name, title, how many are open] of each.
function choices(page) {
  const { priorities, people, proposals } = page.openNow();
  const panels = page.panels();
  return [
    ["priorities", say.priorities, priorities],
    panels.includes("people") && ["people", say.people, people],
    panels.includes("proposals") && proposals > 0 && ["proposals", say.proposals, proposals],
  ].filter(Boolean);
}

// The phone's tabs, by the thumb.

import { dayOf, dueShort } from "../dates.js";
import { button, h, icon } from "../ui.js";

const TABS = [
  ["today", "Today", "calendar"],
  ["list", "To do", "list"],
  ["brief", "Brief", "file"],
  ["search", "Search", "search"],
];

export function Tabs({ page, at }) {
  const pressing = page
    .ordered("priorities")
    .filter((item) => item.status === "open" && ["overdue", "today"].includes(dueShort(item, at)?.state)).length;
  return h(
    "nav",
    { class: "tabs", "aria-label": "Parts of the board", "data-day": dayOf(at) },
    TABS.map(([name, title, sign]) =>
      button(
        page.ui.tab === name ? "on" : "",
        "tab",
        { key: name, "data-name": name, "aria-current": page.ui.tab === name ? "page" : null },
        icon(sign),
        h("span", {}, title),
        name === "list" && pressing > 0 && h("b", { class: "badge", "aria-label": `${pressing} due` }, pressing),
      ),
    ),
  );
}

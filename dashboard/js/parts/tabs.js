// The phone's tabs, by the thumb.

import { dayOf, dueShort } from "../dates.js";
import { say } from "../words.js";
import { button, h, icon } from "../ui.js";

const TABS = [
  ["today", "calendar"],
  ["list", "list"],
  ["brief", "file"],
  ["search", "search"],
];

export function Tabs({ page, at }) {
  const pressing = page
    .ordered("priorities")
    .filter((item) => item.status === "open" && ["overdue", "today"].includes(dueShort(item, at)?.state)).length;
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

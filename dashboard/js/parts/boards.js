// The way to the other boards, and how much is due there.

import { say } from "../words.js";
import { button, h, icon } from "../ui.js";

// Which board this is, and what is due on others: only where there are several.
export function BoardChip({ page }) {
  const boards = page.boards();
  if (!boards?.areSeveral) return null;
  const { due, here } = boards;
  const all = due.reduce((sum, line) => sum + line.due, 0);
  const said = due.length === 1 ? `${due[0].name} ${say.dueCount(all)}` : say.dueOnOthers(all);
  return button(
    "chip boards-open",
    "boards",
    { "aria-expanded": String(page.ui.panel?.kind === "boards"), "aria-haspopup": "dialog", title: say.boards },
    h("b", {}, here),
    all > 0 && h("span", {}, said),
    icon("down"),
  );
}

export function BoardsPanel({ page }) {
  const boards = page.boards();
  return h(
    "section",
    { id: "boards", class: "pop", role: "dialog", "aria-labelledby": "boards-title" },
    h(
      "div",
      { class: "head" },
      h("h2", { id: "boards-title", tabIndex: -1 }, say.boards),
      h("span", { class: "end" }, button("btn ico close", "close-panel", { "aria-label": say.close }, icon("x"))),
    ),
    h(
      "ul",
      { class: "boards" },
      boards.list.map(({ name, here, due }) =>
        h(
          "li",
          { key: name },
          button(
            "board-open",
            "board",
            { "data-board": name, "aria-current": here ? "page" : null },
            here ? icon("check") : h("span", { class: "i" }),
            h("b", {}, name),
            due != null && h("span", { class: "t" }, due ? say.dueCount(due) : say.nothingDue),
          ),
        ),
      ),
    ),
  );
}

// Where the server lets nobody in: the boards of the token, of which one has to be named, or the way to one's own.
export const BoardChoice = ({ names }) =>
  h("span", { class: "choices" }, names.map((name) => button("btn", "board", { key: name, "data-board": name }, name || say.ownBoard)));

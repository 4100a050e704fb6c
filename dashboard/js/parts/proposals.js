// What sources take for likely: each with the line that would be carried out, and the words that say so.

import { button, foreign, h, icon, memo, oneLine } from "../ui.js";
import { Editor } from "./row.js";

const FIRST = 3;

export function Proposals({ page }) {
  const items = page.ordered("proposals").filter((item) => !item.going);
  if (items.length === 0) return null;
  const isOpen = page.ui.open.has("proposals");
  const shown = isOpen ? items : items.slice(0, FIRST);
  return h(
    "section",
    { id: "proposals", "aria-labelledby": "proposals-title" },
    h(
      "header",
      { class: "head" },
      h("h2", { id: "proposals-title" }, "Proposals"),
      h("span", { class: "sum count" }, items.length),
      h("span", { class: "end wide" }, h("kbd", {}, "A"), " approve ", h("kbd", {}, "X"), " dismiss"),
    ),
    h(
      "ol",
      { class: "rows", "data-list": "proposals", "aria-labelledby": "proposals-title" },
      shown.map((item) =>
        h(Proposal, {
          key: item.id,
          item,
          subject: item.about && page.view.item(item.about.section, item.about.id),
          headline: item.about && page.view.sections.get(item.about.section)?.headline,
          flash: page.flashOf("proposals", item.id),
          editing: page.ui.editing === item.code,
        }),
      ),
    ),
    items.length > FIRST &&
      button(
        "fold",
        "fold",
        { "data-name": "proposals", "aria-expanded": String(isOpen) },
        icon(isOpen ? "down" : "right"),
        isOpen ? "Fewer" : `${items.length - FIRST} more`,
      ),
  );
}

const Proposal = memo(({ item, subject, headline, flash, editing }) => {
  const { code, line, why, evidence, source } = item;
  const names = ["row", "prop", item.doing && "doing", flash && "flash"];
  return h(
    "li",
    {
      class: names.filter(Boolean).join(" "),
      "data-code": code,
      "data-key": item.id,
      "aria-busy": item.doing ? "true" : null,
    },
    editing
      ? h(Editor, { code, text: line })
      : button(
          "opener",
          "open",
          { tabIndex: -1, "aria-label": null },
          h("span", { class: "code" }, code, " "),
          foreign("span", { class: "title" }, line),
          subject && foreign("span", { class: "of" }, ` ${oneLine(subject[headline])}`),
        ),
    foreign("q", {}, `“${oneLine(evidence.quote)}”`),
    h("small", {}, foreign("span", {}, oneLine(why)), foreign("span", {}, [source, placeOf(evidence)].join(", "))),
    h(
      "span",
      { class: "yn" },
      answer("check", "Approve", "line", { "data-line": `approve ${code}` }, code),
      answer("pencil", "Change", "update", {}, code),
      answer("x", "Dismiss", "line", { "data-line": `drop ${code}` }, code),
    ),
  );
});

const answer = (sign, word, act, data, code) =>
  button(
    `btn ${sign === "check" ? "" : "bare"}`,
    act,
    { ...data, title: word, "aria-label": `${word} ${code}` },
    icon(sign),
    h("span", { class: "word" }, word),
  );

// `1-1.md:12`, or the record.
function placeOf({ file, line }) {
  const place = oneLine(file).replace(/^records\//, "");
  return line ? `${place}:${line}` : place;
}

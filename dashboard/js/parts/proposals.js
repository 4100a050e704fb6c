// What sources take for likely: each as a sentence, with the line that would be carried out and the words that say so.

import { age, dayAndTime, dayOf, ms } from "../dates.js";
import { inWords } from "../model/proposed.js";
import { sourceName } from "../model/sources.js";
import { recordsIn } from "../records.js";
import { say } from "../words.js";
import { button, foreign, h, icon, memo, oneLine, unmarked } from "../ui.js";
import { TitleEditor } from "./edit.js";

const FIRST = 3; // the others fold out

export function Proposals({ page, at }) {
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
      h("h2", { id: "proposals-title" }, say.proposals),
      h("span", { class: "sum count" }, items.length),
      h("span", { class: "end wide" }, h("kbd", {}, "A"), say.byKeys[0], h("kbd", {}, "X"), say.byKeys[1]),
    ),
    h(
      "ol",
      { class: "rows", "data-list": "proposals", "aria-labelledby": "proposals-title" },
      shown.map((item) =>
        h(Proposal, {
          key: item.id,
          item,
          also: [...page.view.items("proposals")].filter(({ same_as: id }) => id === item.id),
          subject: item.about && page.view.item(item.about.section, item.about.id),
          headline: item.about && page.view.sections.get(item.about.section)?.headline,
          flash: page.flashOf("proposals", item.id),
          editing: page.editingOf(item, at).editing,
          said: ends(item, at),
          made: age(item.at, at),
        }),
      ),
    ),
    items.length > FIRST &&
      button(
        "fold",
        "fold",
        { "data-name": "proposals", "aria-expanded": String(isOpen) },
        icon(isOpen ? "down" : "right"),
        isOpen ? say.fewer : say.moreOf(items.length - FIRST),
      ),
  );
}

// The day on which it goes if nobody answers.
const ends = ({ expires_at: wire }, at) => (ms(wire) ? say.until(dayAndTime(dayOf(ms(wire)), at)) : "");

const Proposal = memo(({ item, also, subject, headline, flash, editing, said, made }) => {
  const { code, line, why } = item;
  const all = [item, ...also];
  const names = ["row", "prop", item.doing && "doing", flash && "flash"];
  const sentence = inWords(line, subject && oneLine(subject[headline]), Date.now());
  return h(
    "li",
    {
      class: names.filter(Boolean).join(" "),
      "data-code": code,
      "data-key": item.id,
      "aria-busy": item.doing ? "true" : null,
    },
    editing
      ? h(TitleEditor, { code, text: line })
      : button(
          "opener",
          "open",
          { tabIndex: -1, "aria-label": null, title: line },
          foreign("span", { class: "title" }, oneLine(sentence)),
          h("span", { class: "code" }, " ", code),
          foreign("code", { class: "line-of vh" }, oneLine(line)),
        ),
    all.map(quoted),
    h(
      "small",
      {},
      foreign("span", {}, oneLine(say.server(why))),
      foreign("span", {}, all.map(placeOf).join("; ")),
      h("span", { title: made }, said),
    ),
    h(
      "span",
      { class: "yn" },
      answer("check", say.approve, "line", { "data-line": `approve ${code}` }, code),
      answer("pencil", say.change, "update", {}, code),
      answer("x", say.dismiss, "line", { "data-line": `drop ${code}` }, code),
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

const quoted = ({ id, evidence: { file, quote } }) => {
  const [record] = recordsIn([file]);
  const data = { key: id, "data-quote": quote, "data-refs": record, "data-ref": record, title: say.openRecord };
  return button("evidence-open", "record", data, foreign("q", {}, `“${unmarked(quote)}”`));
};

// `Notes, 1-1.md:12`; a record has only an id, and opens from its words.
const placeOf = ({ source, evidence: { file, line } }) =>
  [source && sourceName(source), !file.startsWith("records/") && oneLine(file) + (line ? `:${line}` : "")]
    .filter(Boolean)
    .join(", ");

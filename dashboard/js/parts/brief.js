// One's own brief, or the active one: statements with what each rests on, or a text.

import { age } from "../dates.js";
import { recordsIn } from "../records.js";
import { say } from "../words.js";
import { button, foreign, h, icon, oneLine } from "../ui.js";

const CODE = /^[A-Z]\d+$/;
const WORDS_THAT_ARE_CODES = /\b([A-Z]\d+)\b/;

export function BriefPanel({ page, at }) {
  const { brief } = page;
  const flash = page.flashOf("brief", "active");
  return h(
    "section",
    { id: "brief", class: flash ? "panel brief flash" : "panel brief", "aria-labelledby": "brief-title" },
    h(
      "header",
      {},
      h("h2", { id: "brief-title", tabIndex: -1 }, say.brief),
      h(
        "span",
        { class: brief?.outdated ? "note watch warn" : "note", dir: "auto", title: brief ? note(brief, at) : null },
        brief ? note(brief, at) : "",
      ),
      h("span", { class: "by", dir: "auto" }, flash && !brief?.outdated ? oneLine(flash) : ""),
      h(
        "span",
        { class: "end" },
        button("btn ico close", "close-panel", { "aria-label": say.closeBrief }, icon("x")),
      ),
    ),
    h(
      "div",
      { class: "body text scroll", tabIndex: 0, role: "group", "aria-labelledby": "brief-title" },
      brief ? content(brief, page) : h("div", { class: "quiet" }, icon("file"), say.noBrief.map((words) => h("p", {}, words))),
    ),
    h(
      "footer",
      { class: "make", role: "group", "aria-label": say.makeBrief },
      brief?.outdated &&
        lineFor(brief, page) &&
        button("btn main anew", "line", { "data-line": lineFor(brief, page) }, say.renew),
      button("btn", "line", { "data-line": "brief daily", title: "brief daily" }, brief ? say.day : say.briefOf[0]),
      button("btn", "line", { "data-line": "brief weekly", title: "brief weekly" }, brief ? say.week : say.briefOf[1]),
      h("span", { class: "end made" }, brief ? say.words(count(brief)) : ""),
    ),
  );
}

// What it says, for a wall.
export const BriefText = ({ brief, page }) => content(brief, page);

// Of what kind, by whom, when, and whether what it says has changed since.
function note(brief, at) {
  const said = [
    brief.outdated && say.outdated,
    say.briefKinds[brief.kind] ?? brief.kind,
    brief.author && say.byAuthor(brief.author_name ?? brief.author),
    age(brief.set_at, at),
  ];
  return oneLine(said.filter(Boolean).join(", "));
}

function count({ headline, sections, text, markdown }) {
  const said = sections?.length
    ? [headline ?? "", ...sections.flatMap(({ items }) => (items ?? []).map((item) => item.text))].join(" ")
    : (text ?? markdown ?? "");
  return said.split(/\s+/).filter(Boolean).length;
}

// What would be typed for the same brief; null when its meeting is gone.
function lineFor({ kind, about }, page) {
  if (kind !== "meeting") return `brief ${kind}`;
  const meeting = page.view.item("calendar", about);
  return meeting && `brief ${meeting.code}`;
}

function content({ title, headline, sections, text: plain, markdown }, page) {
  const parts = title && !headline ? [foreign("h3", { class: "headline bt" }, oneLine(title))] : [];
  if (headline) parts.push(foreign("p", { class: "headline first" }, say.server(headline)));
  for (const section of sections ?? []) {
    const statements = (section.items ?? []).map((item) => h("li", {}, statement(item, page)));
    parts.push(foreign("h4", {}, say.server(section.title)), h("ul", {}, statements));
  }
  const rest = sections?.length || headline ? null : (plain ?? markdown);
  if (rest) parts.push(foreign("div", { class: "prose" }, rest));
  return parts;
}

// Its text, in which the codes of what it rests on open the items; then those that it does not name, and one sign for
// records and whatever else is no item of the board.
function statement({ text: said, evidence }, page) {
  const codes = new Set();
  const others = [];
  for (const ref of evidence ?? []) {
    const code = codeOf(ref, page.view);
    if (code) codes.add(code);
    else others.push(ref);
  }
  const parts = say.server(said).split(WORDS_THAT_ARE_CODES);
  const unsaid = [...codes].filter((code) => !parts.includes(code));
  return [
    h(
      "span",
      { dir: /^\d/.test(said) ? null : "auto" }, // an hour stands before its title, whichever way that is read
      parts.map((part) => (codes.has(part) ? opener(part) : part)),
    ),
    ...unsaid.flatMap((code) => [" ", opener(code)]),
    others.length ? sign(others, said) : null,
  ];
}

// The code of the item that evidence names, `priorities/<id>` or the code itself; null for what is not on the board.
function codeOf(ref, view) {
  const [section, ...rest] = ref.split("/");
  const item = view.sections.coded.includes(section) ? view.item(section, rest.join("/")) : null;
  return item?.code ?? (CODE.test(ref) ? (view.named(ref)?.item.code ?? null) : null);
}

const opener = (code) => button("code", "open", { "data-code": code }, code);

// Records are `records/<source>/<id>`; it opens the first, which leads to the others.
function sign(refs, text) {
  const names = refs.map((ref) => oneLine(ref.replace(/^records\//, "")));
  const said = say.restsOn(names.join(", "));
  const records = recordsIn(refs);
  const what = { "data-refs": records.join("\n"), "data-ref": records[0], "data-quote": text };
  return button("evidence", "record", { ...what, title: said, "aria-label": said }, "※");
}

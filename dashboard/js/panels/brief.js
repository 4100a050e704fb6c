// The active brief: a heading, statements with what each rests on, or a text.

import { attribute, foreign, h, hide, oneLine, text } from "../dom.js";
import { age } from "../dates.js";

const FLASH_MS = 4_000;
const CODE = /^[A-Z]\d+$/;
const WORDS_THAT_ARE_CODES = /\b([A-Z]\d+)\b/;

export class Brief {
  #view;
  #panel;
  #shown = { brief: undefined, codes: "" };
  #dark = 0;

  constructor(panel, view) {
    this.#view = view;
    this.#panel = panel;
  }

  draw(now) {
    const brief = this.#view.only("brief");
    hide(this.#part(".none"), brief !== null);
    this.#head(brief, now);
    const codes = brief ? this.#codes(brief) : "";
    if (brief === this.#shown.brief && codes === this.#shown.codes) return;
    this.#shown = { brief, codes };
    this.#part(".text").replaceChildren(...(brief ? this.#content(brief) : []));
  }

  flash(id, who) {
    if (this.#view.only("brief")?.outdated) return; // who changed what it tells of is said there
    clearTimeout(this.#dark);
    this.#panel.classList.add("flash");
    text(this.#part(".by"), who);
    this.#dark = setTimeout(() => {
      this.#panel.classList.remove("flash");
      text(this.#part(".by"), "");
    }, FLASH_MS);
  }

  #part(name) {
    return this.#panel.querySelector(name);
  }

  // Of what kind, by whom, when, and whether what it says has changed since.
  #head(brief, now) {
    const outdated = brief?.outdated === true;
    const said = brief
      ? [outdated && "outdated", brief.kind, brief.author && `by ${brief.author}`, age(brief.set_at, now)]
      : [];
    const note = this.#part(".note");
    text(note, oneLine(said.filter(Boolean).join(", ")));
    attribute(note, "title", note.textContent || null);
    note.classList.toggle("warn", outdated);
    const line = outdated ? this.#lineFor(brief) : null;
    hide(this.#part(".anew"), line === null);
    attribute(this.#part(".anew"), "data-line", line);
  }

  // What would be typed for the same brief; null when its meeting is gone.
  #lineFor({ kind, about }) {
    if (kind !== "meeting") return `brief ${kind}`;
    const meeting = this.#view.item("calendar", about);
    return meeting && `brief ${meeting.code}`;
  }

  // The codes that the evidence has now, as one text: a button must not stay when its item is gone.
  #codes({ sections }) {
    const statements = (sections ?? []).flatMap(({ items }) => items ?? []);
    return statements.flatMap(({ evidence }) => evidence ?? []).map((ref) => this.#codeOf(ref) ?? "").join();
  }

  #content({ title, sections, text: plain, markdown }) {
    const content = title ? [foreign("h3", { class: "headline" }, oneLine(title))] : [];
    for (const section of sections ?? []) content.push(...this.#section(section));
    const rest = sections?.length ? null : (plain ?? markdown);
    if (rest) content.push(foreign("div", { class: "prose" }, rest));
    return content;
  }

  #section({ title, items }) {
    const statements = (items ?? []).map((item) => h("li", {}, this.#statement(item)));
    return [foreign("h4", {}, title), h("ul", {}, statements)];
  }

  // Its text, in which the codes of what it rests on open the items; then those that it does not name, and one sign for
  // records and whatever else is no item of the board.
  #statement({ text: said, evidence }) {
    const codes = new Set();
    const others = [];
    for (const ref of evidence ?? []) {
      const code = this.#codeOf(ref);
      if (code) codes.add(code);
      else others.push(ref);
    }
    const parts = said.split(WORDS_THAT_ARE_CODES).map((part) => (codes.has(part) ? opener(part) : part));
    const unsaid = [...codes].filter((code) => !parts.some((part) => part.dataset?.code === code));
    return [
      h("span", { dir: "auto" }, parts),
      ...unsaid.flatMap((code) => [" ", opener(code)]),
      others.length ? sign(others) : null,
    ];
  }

  // The code of the item that evidence names, `priorities/<id>` or the code itself; null for what is not on the board.
  #codeOf(ref) {
    const [section, ...rest] = ref.split("/");
    const item = this.#view.sections.coded.includes(section) ? this.#view.item(section, rest.join("/")) : null;
    return item?.code ?? (CODE.test(ref) ? (this.#view.named(ref)?.item.code ?? null) : null);
  }
}

const opener = (code) => h("button", { class: "code", type: "button", "data-act": "open", "data-code": code }, code);

// Records are `records/<source>/<id>`: the source and the id are what a person can look for.
function sign(refs) {
  const names = refs.map((ref) => oneLine(ref.replace(/^records\//, "")));
  const said = `Rests on ${names.join(", ")}`;
  return h("span", { class: "evidence", role: "img", title: said, "aria-label": said }, "※");
}

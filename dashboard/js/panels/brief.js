// The active brief: a heading, statements with what each rests on, or a text.

import { foreign, h, hide, oneLine, text } from "../dom.js";
import { age } from "../moments.js";

export class Brief {
  #view;
  #panel;
  #shown = undefined;

  constructor(panel, view) {
    this.#view = view;
    this.#panel = panel;
  }

  draw(now) {
    const brief = this.#view.only("brief");
    hide(this.#panel.querySelector(".none"), brief !== null);
    const by =
      brief &&
      [brief.kind, brief.author && `by ${brief.author}`, age(brief.set_at, now)].filter(Boolean).join(", ");
    text(this.#panel.querySelector(".note"), oneLine(by ?? ""));
    if (brief === this.#shown) return;
    this.#shown = brief;
    this.#panel.querySelector(".text").replaceChildren(...(brief ? this.#content(brief) : []));
  }

  flash(id, who) {
    const { classList } = this.#panel;
    classList.add("flash");
    text(this.#panel.querySelector(".by"), who);
    setTimeout(() => classList.remove("flash"), 4_000);
  }

  #content({ title, sections, text: plain, markdown }) {
    const content = title ? [foreign("h3", { class: "headline" }, oneLine(title))] : [];
    for (const section of sections ?? []) content.push(...this.#section(section));
    const rest = plain ?? (sections ? null : markdown);
    if (rest) content.push(foreign("div", { class: "prose" }, rest));
    return content;
  }

  #section({ title, items }) {
    const statements = (items ?? []).map((item) =>
      h("li", {}, foreign("span", {}, item.text), this.#evidence(item)),
    );
    return [foreign("h4", {}, title), h("ul", {}, statements)];
  }

  // What a statement rests on: the items by their codes, records by their ids.
  #evidence({ evidence }) {
    return (evidence ?? []).map((id) => {
      const found = this.#view.withId(id) ?? this.#view.named(id);
      if (!found) return foreign("span", { class: "evidence" }, oneLine(id));
      const { code } = found.item;
      return h("button", { class: "code", type: "button", "data-act": "open", "data-code": code }, code);
    });
  }
}

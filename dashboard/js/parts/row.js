// The row of one item that can be dealt with: its code, its check mark, its title, and when.

import { button, foreign, h, icon, memo, oneLine } from "../ui.js";

// `said` is {title, when: {text, state}?, note?, classes, done}; `flash` names who changed it, while that is new.
export const Row = memo(({ item, title, when, state, note, classes, done, flash, editing, noun }) => {
  const names = [
    "row",
    ...(classes ?? "").split(" "),
    done && "done",
    item.doing && "doing",
    item.going && "going",
  ];
  if (flash) names.push("flash");
  const { code } = item;
  return h(
    "li",
    {
      class: names.filter(Boolean).join(" "),
      "data-code": code,
      "data-key": item.id,
      "aria-busy": item.doing ? "true" : null,
    },
    code && h("span", { class: "code", "aria-hidden": "true" }, code),
    done === undefined
      ? h("span", { class: "tick none" })
      : button(
          "check tick",
          "check",
          { tabIndex: -1, "aria-label": `${done ? "Reopen" : "Done"} ${code}` },
          done && icon("check"),
        ),
    editing
      ? h(Editor, { code, text: title })
      : button(
          "opener",
          "open",
          { tabIndex: -1, "aria-label": null },
          code && h("span", { class: "vh" }, `${code} `),
          foreign("span", { class: "title" }, oneLine(title)),
        ),
    h(
      "span",
      { class: "meta" },
      flash
        ? h("span", { class: "by", dir: "auto" }, oneLine(flash))
        : note && h("span", { class: "source", dir: "auto" }, oneLine(note)),
      item.doing
        ? h("span", { class: "d watch" }, "waits")
        : when && h("span", { class: `d due ${state ?? ""}` }, when),
      done &&
        !item.doing &&
        button("undo", "check", { tabIndex: -1 }, "Undo", h("span", { class: "vh" }, ` ${code}`)),
      code && button("more", "menu", { tabIndex: -1, "aria-label": `Actions of ${code}` }, icon("more")),
    ),
  );
});

// The title as a field; the words of the command that it stands for are shown.
export function Editor({ code, text }) {
  return h(
    "span",
    { class: "editor" },
    h("input", {
      class: "edit-in",
      "data-code": code,
      defaultValue: text,
      "aria-label": `Text of ${code}`,
      maxLength: 4000,
      autocomplete: "off",
      ref: (field) => field && document.activeElement !== field && !field.dataset.seen && begin(field),
    }),
    h(
      "span",
      { class: "words", "aria-hidden": "true" },
      `update ${code} …`,
      h("kbd", {}, "Enter"),
      h("kbd", {}, "Esc"),
    ),
  );
}

function begin(field) {
  field.dataset.seen = "true";
  field.focus();
  field.select();
}

// The row of one item that can be dealt with: its code, its check mark, its title, and when.

import { say } from "../words.js";
import { button, foreign, h, icon, memo, oneLine } from "../ui.js";
import { FieldEditor, TitleEditor } from "./edit.js";

// `editing` is the word of the field that is being changed; `undo` the handle of what was just changed; `grip` whether it
// can be moved in its list.
export const Row = memo(
  ({ item, title, when, state, before, beforeWhat, takes, guessed, note, classes, done, flash, editing, fault, undo, grip, at, people }) => {
    const { code } = item;
    const names = [
      "row",
      ...(classes ?? "").split(" "),
      done && "done",
      item.doing && "doing",
      item.going && "going",
      flash && "flash",
      editing && "editing",
    ];
    return h(
      "li",
      {
        class: names.filter(Boolean).join(" "),
        "data-code": code,
        "data-key": item.id,
        "aria-busy": item.doing ? "true" : null,
      },
      code && h("span", { class: grip ? "code grip" : "code", "aria-hidden": "true", title: grip ? `rank ${code} …` : null }, code),
      done === undefined
        ? h("span", { class: "tick none" })
        : button(
            "check tick",
            "check",
            { tabIndex: -1, "aria-label": `${done ? say.reopen : say.done} ${code}`, title: `${done ? "reopen" : "done"} ${code}` },
            done && icon("check"),
          ),
      editing === "title"
        ? h(TitleEditor, { code, text: title })
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
        takes && !done && field("takes", code, takes, guessed ? "m guessed" : "m"),
        item.doing
          ? h("span", { class: "d watch" }, say.waits)
          : !done &&
            (takes !== undefined || when || before) &&
            field("due", code, before ? say.dueBefore(when, before) : (when ?? ""), `d due ${state ?? ""}`, before && beforeWhat),
        done && when && h("span", { class: "d due" }, when),
        done && !item.doing && button("undo", "check", { tabIndex: -1 }, say.undo, h("span", { class: "vh" }, ` ${code}`)),
        undo && !done && button("undo", "undo", { tabIndex: -1, "data-handle": undo }, say.undo),
        code && button("more", "menu", { tabIndex: -1, "aria-label": say.actionsOf(code) }, icon("more")),
      ),
      editing && editing !== "title" && h(FieldEditor, { code, word: editing, item, at, fault, people }),
    );
  },
);

// A value of the row that can be changed by pointing at it; by key there is its letter.
const field = (word, code, text, name, what) =>
  text
    ? button(name, "field", { tabIndex: -1, "data-word": word, title: what || `${word} ${code} …` }, text)
    : h("span", { class: name });

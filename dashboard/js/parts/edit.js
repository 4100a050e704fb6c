// A field where it stands: what it takes as words, the usual values as buttons, and the line that it all stands for.

import { dayOf, dayAfter, isDate, clock, ms, weekday, weekdayNumber } from "../dates.js";
import { say } from "../words.js";
import { button, Component, h, spoken } from "../ui.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

// The values that people take most: [{name, value}].
function choicesOf(word, at) {
  const none = { name: say.choices.none, value: "none" };
  if (word === "due") {
    const days = [2, 3, 4, 5].map((later) => dayAfter(dayOf(at), later));
    const near = [
      { name: say.choices.today, value: "today" },
      { name: say.choices.tomorrow, value: "tomorrow" },
    ];
    return [...near, ...days.map((day) => ({ name: weekday(day), value: DAYS[weekdayNumber(ms(day))] })), none];
  }
  if (word === "urgency") return ["low", "medium", "high"].map((value) => ({ name: say.urgencies[value], value }));
  if (word === "takes") return ["15 min", "30 min", "45 min", "1h", "2h"].map((value) => ({ name: value, value })).concat(none);
  if (word === "snooze")
    return [
      { name: "2 h", value: "2h" },
      { name: say.tomorrow9, value: "tomorrow 9am" },
      { name: `${weekday("2026-11-30")} 9:00`, value: "mon 9am" },
    ];
  return word === "assign" || word === "note" ? [none] : [];
}

// What stands in the field to begin with: as it could be typed.
function typedOf(word, item) {
  if (word === "due") {
    if (!item.due_date) return "";
    return isDate(item.due_date) ? item.due_date : `${dayOf(ms(item.due_date))} ${clock(ms(item.due_date))}`;
  }
  if (word === "takes") return item.minutes ? `${item.minutes} min` : "";
  if (word === "assign") return item.assignee ?? "";
  if (word === "note") return item.note ?? "";
  if (word === "urgency") return item.urgency ?? "";
  return "";
}

// The title as a field.
export function TitleEditor({ code, text }) {
  return h(
    "span",
    { class: "editor" },
    h(Field, { code, word: "title", text }),
    h(Words, { line: `update ${code} …` }),
  );
}

// Any other field of an item. `fault` is {text, message}: what was typed last, and why it was refused.
export function FieldEditor({ code, word, item, at, fault, people }) {
  const choices = choicesOf(word, at);
  return h(
    "span",
    { class: "editor field-editor", "data-code": code },
    word !== "urgency" &&
      h(Field, { code, word, text: fault?.text ?? typedOf(word, item), list: word === "assign" ? people : null, fault }),
    h(
      "span",
      { class: "choices" },
      choices.map(({ name, value }, number) =>
        button(
          value === item[word] ? "btn choice on" : "btn choice",
          "set-field",
          {
            key: value,
            "data-code": code,
            "data-line": `${word} ${code} ${value}`,
            title: `${word} ${code} ${value}`,
            ref: word === "urgency" && number === 0 ? focusOnce : null,
          },
          name,
        ),
      ),
    ),
    fault && h("span", { class: "fault", role: "alert" }, spoken(fault.message)),
    h(Words, { line: `${word} ${code} …`, chosen: word === "urgency" }),
  );
}

// The line that the field stands for, and the two ways out of it, each by its key and by pointing at it. What is `chosen` needs
// no saving.
const Words = ({ line, chosen }) =>
  h(
    "span",
    { class: "words" },
    h("span", { "aria-hidden": "true" }, line),
    !chosen && button("way-out", "save-edit", {}, say.save, h("kbd", { "aria-hidden": "true" }, "Enter")),
    button("way-out", "leave-edit", {}, say.leaveIt, h("kbd", { "aria-hidden": "true" }, "Esc")),
  );

const focusOnce = (element) => {
  if (!element || element.dataset.seen) return;
  element.dataset.seen = "true";
  element.focus();
};

class Field extends Component {
  // The person types: what comes from the server meanwhile changes nothing here.
  shouldComponentUpdate(next) {
    return next.fault !== this.props.fault;
  }

  render({ code, word, text, list, fault }) {
    return [
      h("input", {
        class: "edit-in",
        "data-code": code,
        "data-word": word,
        defaultValue: text,
        "aria-label": word === "title" ? say.textOf(code) : `${word} ${code}`,
        "aria-invalid": fault ? "true" : null,
        placeholder: say.placeholders[word] ?? "",
        list: list ? "names" : null,
        maxLength: 4000,
        autocomplete: "off",
        dir: "auto",
        ref: begin,
      }),
      list && h("datalist", { id: "names" }, list.map((name) => h("option", { key: name, value: name }))),
    ];
  }
}

function begin(field) {
  if (!field || field.dataset.seen) return;
  field.dataset.seen = "true";
  field.focus();
  field.select();
}

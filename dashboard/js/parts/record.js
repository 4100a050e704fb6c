// A record beside the list: what was written, by whom and when, with the words that were meant in sight. It is opened from
// what rests on it, and closing it leads back there.

import { age, dayAndTime } from "../dates.js";
import { sourceName } from "../model/sources.js";
import { say } from "../words.js";
import { button, Component, foreign, h, icon, link, oneLine } from "../ui.js";

export function RecordPanel({ page, at }) {
  const { refs, id, quote, found, trouble } = page.ui.panel;
  return h(
    "section",
    { id: "record", class: "panel record-open", "aria-labelledby": "record-title" },
    h(
      "header",
      {},
      h("h2", { id: "record-title", tabIndex: -1 }, found ? [say.record, ", ", foreign("span", {}, sourceName(found.source))] : say.record),
      h(
        "span",
        { class: "end" },
        button("btn ico close", "close-panel", { "aria-label": say.closeRecord }, icon("x")),
      ),
    ),
    h(
      "div",
      { class: "body", tabIndex: 0, role: "group", "aria-labelledby": "record-title" },
      found ? h(Content, { key: id, found, at }) : h("p", { class: "none", role: "status" }, trouble || say.openingRecord),
    ),
    h(
      "footer",
      { class: "actions", role: "group", "aria-label": say.actions },
      refs.length > 1 &&
        refs.map((ref, number) =>
          button(
            ref === id ? "btn on" : "btn",
            "record",
            { key: ref, "data-refs": refs.join("\n"), "data-ref": ref, "data-quote": quote, "aria-pressed": String(ref === id), title: ref },
            String(number + 1),
          ),
        ),
      found && found.start + [...found.text].length < found.length && button("btn", "read-on", {}, say.readOn),
      quote && button("btn", "search-quote", { "data-quote": quote }, icon("search"), say.searchQuote),
    ),
  );
}

function Content({ found, at }) {
  const { title, author, people, kind, url, at: when } = found;
  const others = people.filter((one) => one !== author);
  const fields = [
    when && [say.fields.written, h("time", { datetime: when, title: age(when, at) }, dayAndTime(when, at))],
    author && [say.fields.author, foreign("span", {}, author)],
    others.length && [say.fields.names, foreign("span", {}, others.join(", "))],
    kind && [say.fields.kind, kind],
    [say.fields.source, foreign("span", {}, found.source)],
    url && [say.fields.url, link(url)],
  ];
  return [
    foreign("h3", { class: "bt" }, oneLine(title)),
    h("dl", { class: "fields" }, fields.filter(Boolean).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    found.start > 0 && h("p", { class: "none" }, say.earlierText),
    h(Text, { text: found.text, marks: found.marks }),
  ];
}

// The words that were meant are scrolled to when the record opens.
class Text extends Component {
  componentDidMount() {
    this.base?.querySelector("mark")?.scrollIntoView({ block: "center" });
  }

  render({ text, marks }) {
    const points = [...text];
    const parts = [];
    let done = 0;
    for (const [start, end] of marks) {
      parts.push(points.slice(done, start).join(""), h("mark", {}, points.slice(start, end).join("")));
      done = end;
    }
    return foreign("div", { class: "prose" }, [...parts, points.slice(done).join("")]);
  }
}

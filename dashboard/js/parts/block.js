// One meeting as a block of the day: as high as it is long, beside those at the same time.

import { clock, dayOf, isDate, ms, weekday } from "../dates.js";
import { placeOf } from "../model/join.js";
import { say } from "../words.js";
import { button, foreign, h, icon, memo, oneLine } from "../ui.js";
import { TitleEditor } from "./edit.js";

export const Block = memo(
  ({ item, when, start, phase, flash, trouble, length, top, height, lane, lanes, wide, editing, narrow, isNew }) => {
    const beside = narrow || wide < lanes;
    const short = length <= 35;
    const place = placeOf(item);
    const names = [
      "ev row event",
      phase,
      item.important && "important",
      stateOf(item),
      beside && "lane",
      short && "short",
      flash && "flash",
      trouble && "stale",
      item.doing && "doing",
      item.going && "going",
    ];
    const code = h("span", { class: "code" }, item.code);
    const title = foreign("span", { class: "h title" }, oneLine(item.title));
    const moved = before(item);
    const was = moved && [
      h("s", { class: "was", "aria-hidden": "true" }, moved),
      h("span", { class: "vh" }, say.movedFrom(moved)),
      " ",
    ];
    const parts =
      beside || short
        ? [
            h(
              "span",
              { class: "run" },
              was,
              h("span", { class: "when" }, start),
              " ",
              title,
              " ",
              flag(item, isNew),
              code,
            ),
          ]
        : [
            title,
            h(
              "span",
              { class: "m" },
              was,
              h("span", { class: "when" }, when),
              place && foreign("span", { class: "place" }, oneLine(place)),
              flag(item, isNew),
              code,
            ),
          ];
    const whole = [when, moved && say.movedFrom(moved), oneLine(item.title), place, trouble && `${item.source} (${trouble})`];
    return h(
      "li",
      {
        class: names.filter(Boolean).join(" "),
        "data-code": item.code,
        "data-key": item.id,
        style: { top, height, "--lane": lane, "--lanes": lanes, "--wide": wide },
        "aria-busy": item.doing ? "true" : null,
      },
      editing
        ? h(TitleEditor, { code: item.code, text: item.title })
        : button("opener", "open", { tabIndex: -1, title: whole.filter(Boolean).join(" · ") }, ...parts),
      flash && h("span", { class: "by", dir: "auto" }, oneLine(flash)),
      button("more", "menu", { tabIndex: -1, "aria-label": say.actionsOf(item.code) }, icon("more")),
    );
  },
);

// cancelled, declined, tentative (which is also what is not answered), or "" for what is sure.
export function stateOf({ status, answer }) {
  if (status === "cancelled") return "cancelled";
  if (answer === "declined") return "declined";
  const sure = status !== "tentative" && answer !== "tentative" && answer !== "needs_action";
  return sure ? "" : "tentative";
}

const FLAGS = { cancelled: "x", declined: "ban", needs_action: "dashed", tentative: "dashed", new: "plus" };

function flag({ status, answer }, isNew) {
  const word =
    status === "cancelled" ? status : answer && answer !== "accepted" ? answer : status === "tentative" ? status : isNew ? "new" : null;
  if (!word) return null;
  return h("span", { class: "flag" }, icon(FLAGS[word]), word === "new" ? say.newOne : say.flags[word]);
}

// When a moved event was to be: the hour, and the day where it was another one.
export function before({ moved_from: was, start }) {
  if (!was || isDate(was.start)) return "";
  const day = dayOf(ms(was.start));
  return day === dayOf(ms(start)) ? clock(ms(was.start)) : `${weekday(day)} ${clock(ms(was.start))}`;
}

// Notifications, while the page is open and the person has asked for them: before a meeting, when something is given to
// them, when a source fails. What is private is not named.

import { MINUTE_MS } from "./dates.js";
import { isBusy } from "./model/day.js";
import { isOneOf, nameOf } from "./model/now.js";
import { sourceName } from "./parts/sources.js";
import { say } from "./words.js";

const EVERY_MS = 15_000; // a notice of a meeting is at most so late

// `page` says what is on the board and whether they are wanted; `show` what to do when one is clicked.
export function notify({ client, page, lines, show }) {
  const told = new Set(); // "id start" of the meetings that were told
  const tell = (tag, [title, body], code) => {
    if ( !("Notification" in globalThis) || Notification.permission !== "granted") return;
    try {
      const notice = new Notification(title, { body, tag, icon: "icons/192.png" });
      notice.addEventListener("click", () => {
        focus();
        notice.close();
        if (code) show(code);
      });
    } catch {
      // Android's Chrome has them from service workers only
    }
  };
  const soon = () => {
    const now = Date.now();
    const before = page.prefs.notify?.before_min ?? null;
    if (before === null) return;
    for (const event of page.meetings(now)) {
      const left = event.from - now;
      const tag = `${event.item.id} ${event.from}`;
      if (!isBusy(event) || left <= 0 || left > before * MINUTE_MS || told.has(tag)) continue;
      told.add(tag);
      const { item } = event;
      tell(tag, say.notices.soon(item.private ? say.busy : item.title, Math.ceil(left / MINUTE_MS)), item.code);
    }
  };
  setInterval(soon, EVERY_MS);
  client.addEventListener("patch", ({ detail: { changes, cause } }) => {
    if (lines.isOwn(cause) || !page.prefs.notify) return;
    for (const change of changes) ofChange(change, cause, page, tell);
  });
}

function ofChange({ section, id, put, set, before }, cause, page, tell) {
  const assignee = (put ?? set)?.assignee;
  const { assigned, source } = page.prefs.notify;
  const isForMe = assigned && assignee && page.me.length > 0 && isOneOf(assignee, page.me) && before?.assignee !== assignee;
  if (isForMe && section === "priorities") {
    const item = page.view.item(section, id);
    tell(`given ${id}`, say.notices.given(item?.title ?? "", nameOf(cause.name ?? cause.actor)), item?.code);
  }
  const status = (put ?? set)?.status;
  if (source && section === "sources" && status === "error" && before?.status !== "error")
    tell(`failed ${id}`, say.notices.failed(sourceName(id), page.view.item(section, id)?.message ?? ""));
}

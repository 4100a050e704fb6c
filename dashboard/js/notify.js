// Shows what the server has for the person, while the page is open and they have asked for it. Where this browser is
// notified on a closed page too, its service worker shows it.

import { nameOf } from "./model/now.js";
import { sourceName } from "./model/sources.js";
import { say } from "./words.js";

// `show` opens an item by its code, when a notification is clicked.
export function notify({ client, push, show }) {
  client.addEventListener("notices", ({ detail }) => {
    if (push.isOn || !("Notification" in globalThis) || Notification.permission !== "granted") return;
    for (const { kind, tag, code, fields } of detail) {
      const said = SAID[kind]?.(fields);
      if (said) tell(tag, said, () => code && show(code));
    }
  });
}

const SAID = {
  soon: ({ title, minutes }) => say.notices.soon(title || say.busy, minutes),
  given: ({ title, who }) => say.notices.given(title, nameOf(who)),
  failed: ({ name, why }) => say.notices.failed(sourceName(name), why),
  more: ({ count }) => say.notices.more(count),
};

function tell(tag, [title, body], clicked) {
  try {
    const notice = new Notification(title, { body, tag, icon: "icons/192.png" });
    notice.addEventListener("click", () => {
      focus();
      notice.close();
      clicked();
    });
  } catch {
    // Android's Chrome has them from service workers only
  }
}

// That the sign-in ends soon, and the place for a new token.

import { say } from "../words.js";
import { h } from "../ui.js";

export function ExpiryBar({ page, at }) {
  const expiry = page.expiry();
  const left = expiry?.minutesLeft(at) ?? null;
  if (left === null) return null;
  const send = (event) => {
    event.preventDefault();
    const [field] = event.target.elements;
    const token = field.value.trim();
    if (token) expiry.renew(token);
    field.value = "";
  };
  return h(
    "section",
    { id: "expiry", class: "toast", "aria-labelledby": "expiry-said" },
    h("p", { id: "expiry-said", role: "status" }, `${say.signInEnds(left)}: ${say.signInHow}`, expiry.fault && h("span", { class: "fault" }, " ", expiry.fault)),
    h(
      "form",
      { onSubmit: send },
      h("input", { type: "password", class: "pref-in", "aria-label": say.token, autocomplete: "off", required: true }),
      h("button", { class: "btn" }, say.renewToken),
    ),
  );
}

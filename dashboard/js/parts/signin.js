// The way in where the server wants a token.

import { Stage } from "../client.js";
import { say } from "../words.js";

export class SignIn {
  #dialog;

  // `onToken(token)` is given what the person typed.
  constructor({ client, dialog, onToken }) {
    this.#dialog = dialog;
    client.addEventListener("link", ({ detail }) => this.#ask(detail));
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = dialog.querySelector("input");
      const token = field.value.trim();
      if (!token) return;
      field.value = "";
      onToken(token);
    });
  }

  #ask({ stage, code, why }) {
    if (stage === Stage.CONNECTED) return this.#dialog.close();
    if (stage !== Stage.REFUSED || code !== "unauthorized") return;
    this.#dialog.querySelector(".why").textContent = say.server(why);
    if (!this.#dialog.open) this.#dialog.show();
    this.#dialog.querySelector("input").focus();
  }
}

// What is said of a refusal: the server's message, and for a payload at fault what is wrong in it, in the language of the page.

import { say } from "./words.js";

export function sentence({ code, message, details }) {
  const faults = Array.isArray(details) ? details.map((fault) => fault.message).filter(Boolean) : [];
  const said = faults.slice(0, 3).join("; ");
  return say.refused({ code, message, faults: message.includes(said) ? "" : said });
}

// What the page says, in the language of the person. Every text stands in one table for each language; `say` is the one in
// use. Only the commands of the line are the same in all languages, as the server knows them.

import { en } from "./words/en.js";

export const LANGUAGES = { en: "English", de: "Deutsch" };

// The table in use; `import { say }` follows it.
export let say = en;

// How dates are written; English as in Britain, where the day comes first and a day has 24 hours.
export let locale = "en-GB";

// Takes another language; what is not known, or cannot be had, is English. It draws nothing but what the first page says
// itself: `data-say` has names of texts, each with `@attribute` where it is not the element's own.
export async function speak(language) {
  const { de } = language === "de" ? await import("./words/de.js").catch(() => ({})) : {};
  say = de ?? en;
  locale = de ? "de-DE" : "en-GB";
  document.documentElement.lang = de ? "de" : "en";
  for (const place of document.querySelectorAll("[data-say]"))
    for (const one of place.dataset.say.split(" ")) {
      const [name, attribute] = one.split("@");
      if (attribute) place.setAttribute(attribute, say[name]);
      else place.textContent = say[name];
    }
}

// The one of the page's languages that the browser asks for first.
export function ownLanguage() {
  const known = navigator.languages?.find((one) => one.slice(0, 2) in LANGUAGES);
  return (known ?? "en").slice(0, 2);
}

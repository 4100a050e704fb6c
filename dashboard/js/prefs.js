// How the page is for a person: kept on the server for all their devices where it can, and on this one so that the page
// begins as it was left.

import { isZone, liveIn } from "./dates.js";
import { workFrom } from "./model/day.js";
import { kept } from "./session.js";
import { ownLanguage, speak } from "./words.js";

const KEY = "adjutant.prefs";
export const PANELS = ["changes", "proposals", "brief", "people"];

const DEFAULTS = {
  language: null, // null: as the browser
  zone: null, // null: as the browser
  zone2: null,
  theme: "auto", // auto, light, dark
  density: "normal", // normal, compact
  hours: [9, 19], // whole hours, from and to
  start: "today", // the tab of the phone; "week" opens the week on a desk
  panels: PANELS,
  notify: false,
};

export class Prefs {
  values = { ...DEFAULTS };
  isShared = false; // whether the server keeps them
  #client;
  #person;
  #changed;

  // `person()` names who looks; `changed()` hears that the page has to be drawn anew.
  constructor({ client, person, changed }) {
    this.#client = client;
    this.#person = person;
    this.#changed = changed;
    this.#take(this.#here());
  }

  // Until what the person reads is there, nothing is drawn.
  async begin() {
    await speak(this.values.language ?? ownLanguage());
    this.#apply();
  }

  // What the server keeps of this person counts, wherever it was set.
  async learn() {
    const ack = await this.#client.request("prefs:get", {}, { withinMs: 5_000 });
    this.isShared = ack.ok;
    if (!ack.ok) return;
    this.#take(ack.data.prefs ?? ack.data);
    await this.begin();
    this.#keep();
    this.#changed();
  }

  // Sets one of them: here at once, on the server as soon as it answers. Resolves with an error's message, or null.
  async set(name, value) {
    const before = this.values;
    this.#take({ ...this.values, [name]: value });
    await this.begin();
    this.#keep();
    this.#changed();
    if (!this.isShared) return null;
    const ack = await this.#client.change("prefs:set", { set: { [name]: this.values[name] } });
    if (ack.ok) return null;
    this.values = before;
    await this.begin();
    this.#keep();
    this.#changed();
    return ack.error.message;
  }

  // Only what the page knows; anything else is as if it had not been set.
  #take(given) {
    const values = { ...DEFAULTS };
    for (const [name, value] of Object.entries(given ?? {})) if (CHECKS[name]?.(value)) values[name] = value;
    this.values = values;
  }

  #apply() {
    const { zone, theme, density, hours } = this.values;
    const root = document.documentElement;
    liveIn(zone);
    workFrom(...hours);
    root.classList.toggle("compact", density === "compact");
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
  }

  #here() {
    const all = JSON.parse(kept(() => localStorage.getItem(KEY)) ?? "null");
    return all?.person === this.#person() ? all.values : null;
  }

  #keep() {
    kept(() => localStorage.setItem(KEY, JSON.stringify({ person: this.#person(), values: this.values })));
  }
}

const oneOf =
  (...values) =>
  (value) =>
    values.includes(value);
const isHour = (hour) => Number.isInteger(hour) && hour >= 0 && hour <= 24;
const CHECKS = {
  language: oneOf("en", "de"),
  zone: (zone) => typeof zone === "string" && isZone(zone),
  zone2: (zone) => typeof zone === "string" && isZone(zone),
  theme: oneOf("auto", "light", "dark"),
  density: oneOf("normal", "compact"),
  hours: (hours) => Array.isArray(hours) && hours.length === 2 && hours.every(isHour) && hours[0] < hours[1],
  start: oneOf("today", "list", "week"),
  panels: (panels) => Array.isArray(panels) && panels.every((name) => PANELS.includes(name)),
  notify: (value) => typeof value === "boolean",
};

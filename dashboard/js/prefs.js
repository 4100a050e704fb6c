// How the page is for a person: kept on the server for all their devices, and on this one so that the page begins as it
// was left.

import { isZone, liveIn } from "./dates.js";
import { workFrom } from "./model/day.js";
import { sentence } from "./refused.js";
import { kept } from "./session.js";
import { ownLanguage, speak } from "./words.js";

const KEY = "adjutant.prefs";
export const PANELS = ["changes", "proposals", "brief", "people"];
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const USUAL = [9, 17]; // working hours, as the server takes them where nobody has set any
const SHOWN = [9, 19]; // of a day then
const hour = (clock) => Number(clock.slice(0, 2)) + Number(clock.slice(3)) / 60;

export class Prefs {
  // As the server has them, and above that what is on its way to it; what is null or missing is not set.
  values = {};
  // The names and addresses by which the one is known whom the board is for.
  me = [];
  // What others call the person; null where nobody does.
  person = null;
  isShared = false; // whether the server keeps them
  #client;
  #person;
  #changed;
  #rev = -1;
  #stored = {}; // as the server has them
  #sent = []; // {name: value} of each that the server has not answered yet
  #drawn; // what the page was told last

  // `person()` names who looks; `changed(same)` hears that the page has to be drawn anew, and whether they are as before.
  constructor({ client, person, changed }) {
    this.#client = client;
    this.#person = person;
    this.#changed = changed;
    Object.assign(this, this.#here());
    this.#stored = this.values;
    this.#drawn = JSON.stringify({ person: person(), values: this.values, me: this.me });
    client.addEventListener("prefs", ({ detail }) => this.#told(detail));
  }

  // Until what the person reads is there, nothing is drawn.
  async begin() {
    await speak(this.language);
    this.#apply();
  }

  // Asks what the server keeps: that counts, wherever it was set.
  async learn() {
    const ack = await this.#client.request("prefs:get");
    this.isShared = ack.ok;
    this.#rev = -1;
    if (ack.ok) await this.#told(ack.data);
  }

  // Sets one of them, here at once; null takes it back. Resolves with the reason why not, or "".
  async set(name, value) {
    const [change, isShared] = [{ [name]: value }, this.isShared];
    if (isShared) this.#sent.push(change);
    else this.#stored = { ...this.#stored, ...change };
    await this.#take();
    if (!isShared) return "";
    const ack = await this.#client.change("prefs:set", { set: change });
    this.#sent = this.#sent.filter((one) => one !== change);
    if (ack.ok) this.#store(ack.data);
    await this.#take();
    return ack.ok ? "" : sentence(ack.error);
  }

  get language() {
    return this.values.language?.slice(0, 2) ?? ownLanguage();
  }

  get zone() {
    return this.values.tz ?? null;
  }

  get zone2() {
    return isZone(this.values.tz2 ?? "") ? this.values.tz2 : null;
  }

  get theme() {
    return this.values.theme ?? "system";
  }

  get density() {
    return this.values.density ?? "comfortable";
  }

  // Whole hours that hold the working hours of every day.
  get hours() {
    const given = this.values.working_hours;
    const days = (given?.start ? [given] : DAYS.map((day) => given?.[day])).filter(Boolean);
    if (days.length === 0) return USUAL;
    return [Math.min(...days.map(({ start }) => Math.floor(hour(start)))), Math.max(...days.map(({ end }) => Math.ceil(hour(end))))];
  }

  // When one works on a weekday, Monday being 0: [start, end] in hours, or null. As the server takes it, also where nothing is set.
  hoursOn(weekday) {
    const week = this.values.working_hours;
    if (!week || week.start) return weekday >= 5 ? null : week ? [hour(week.start), hour(week.end)] : USUAL;
    const given = week[DAYS[weekday]];
    return given ? [hour(given.start), hour(given.end)] : null;
  }

  get start() {
    return this.values.start ?? "today";
  }

  // {order, hidden} of the panels beside the list: all that there are.
  get panels() {
    const { order = [], hidden = [] } = this.values.panels ?? {};
    const known = order.filter((name) => PANELS.includes(name));
    return { order: [...known, ...PANELS.filter((name) => !known.includes(name))], hidden };
  }

  // {before_min, assigned, source, brief}, or null where nothing is wanted.
  get notify() {
    return this.values.notify ?? null;
  }

  async #told(said) {
    this.#store(said);
    await this.#take();
  }

  #store({ rev, prefs, me, person }) {
    if (rev < this.#rev) return;
    this.#rev = rev;
    this.person = person === "local" ? null : person;
    this.me = [...(me ?? []), prefs.name, this.person].filter(Boolean);
    this.#stored = prefs;
  }

  async #take() {
    this.values = Object.assign({}, this.#stored, ...this.#sent);
    await this.begin();
    const all = JSON.stringify({ person: this.#person(), values: this.values, me: this.me });
    kept(() => localStorage.setItem(KEY, all));
    this.#changed(all === this.#drawn);
    this.#drawn = all;
  }

  #apply() {
    const root = document.documentElement;
    liveIn(this.zone);
    workFrom(...(this.values.working_hours ? this.hours : SHOWN), (weekday) => this.hoursOn(weekday));
    root.classList.toggle("compact", this.density === "compact");
    if (this.theme === "system") delete root.dataset.theme;
    else root.dataset.theme = this.theme;
  }

  #here() {
    const all = JSON.parse(kept(() => localStorage.getItem(KEY)) ?? "null");
    return all?.person === this.#person() ? { values: all.values, me: all.me ?? [] } : {};
  }
}

// What the page shows beside the board itself: what is open, what has just changed, what waits; and how it is laid out.

import { Changes } from "./changes.js";
import { clock, dayName, dayOf } from "./dates.js";
import { Bar } from "./parts/bar.js";
import { BriefPanel } from "./parts/brief.js";
import { Day } from "./parts/day.js";
import { ItemPanel } from "./parts/item.js";
import { Priorities } from "./parts/list.js";
import { Away, Side, Waiting } from "./parts/side.js";
import { SourcesPanel } from "./parts/sources.js";
import { Stage, told } from "./parts/stage.js";
import { Tabs } from "./parts/tabs.js";
import { Wall } from "./parts/wall.js";
import { isFirstRun, Welcome } from "./parts/welcome.js";
import { unfolded } from "./session.js";
import { h } from "./ui.js";

const FLASH_MS = 4_000;
const MOST_FLASHES = 100;
const STAYS_MS = 6_000;

export class Page {
  view;
  link;
  changes;
  history = { entries: [], said: "" };
  justDone = new Map(); // id -> when the row may go
  soonest = null;
  // day: YYYY-MM-DD or null for today; panel: {kind: item|brief|sources, ...} or null; open: groups and lists that are
  // unfolded; people: those whose lists are; editing: the code of the row that is; tab: of the phone
  ui = { day: null, panel: null, open: unfolded.get(), people: new Set(), editing: null, tab: "today" };
  wall = false;
  asOf = null; // ms of the epoch: what is shown was kept by the browser then, and the server has not told more yet
  waiting = () => [];
  keeps = () => true;
  isSignedIn = () => false;
  signOut = () => {};
  rename = () => {};
  #ask;
  #flashes = new Map(); // "section id" -> who
  #ordered = new Map(); // section -> its items, sorted, until it changes
  #troubled = null;

  // `ask(...names)` has these sections drawn anew.
  constructor({ view, link, ask }) {
    this.view = view;
    this.link = link;
    this.#ask = ask;
    this.changes = new Changes(view.sections);
  }

  // The items of a section in its order; the same list as long as nothing in it changes. Before the first sync none.
  ordered(name) {
    const { sections } = this.view;
    if (!sections.get(name)) return [];
    if (!this.#ordered.has(name)) this.#ordered.set(name, sections.inOrder(name, this.view.items(name)));
    return this.#ordered.get(name);
  }

  // A Map of the sources whose word is not up to date to how they are: stale, offline, error.
  troubled() {
    this.#troubled ??= new Map(
      this.ordered("sources").flatMap(({ id, status }) => (status === "online" ? [] : [[id, status]])),
    );
    return this.#troubled;
  }

  // These sections have changed; without names all.
  forget(names) {
    if (names.length === 0) this.#ordered.clear();
    for (const name of names) this.#ordered.delete(name);
    if (names.length === 0 || names.includes("sources")) this.#troubled = null;
  }

  // Lets an item light up for a moment, with who changed it.
  flash(section, id, who) {
    const key = `${section} ${id}`;
    if (this.#flashes.size >= MOST_FLASHES) return;
    this.#flashes.set(key, who);
    setTimeout(() => {
      this.#flashes.delete(key);
      this.#ask(section);
    }, FLASH_MS);
  }

  flashOf(section, id) {
    return this.#flashes.get(`${section} ${id}`) ?? null;
  }

  // What was just done stays where it was for a moment, with the way back.
  stay(section, id) {
    this.justDone.set(id, performance.now() + STAYS_MS);
    setTimeout(() => {
      if (this.justDone.get(id) > performance.now()) return;
      this.justDone.delete(id);
      this.#ask(section);
    }, STAYS_MS + 50);
  }

  // When what is shown was last in step, while it is not: the hour, and the day where it is another one.
  seenAt(now) {
    const then = this.asOf ?? this.link.since;
    const [day, today] = [dayOf(then), dayOf(now)];
    return day === today ? clock(then) : `${dayName(day, today)} ${clock(then)}`;
  }

  // Draws what is known at this moment.
  draw(at) {
    if (!this.view.only("system")) return h(Unknown, { page: this, at });
    const state = told(this, at);
    this.soonest = state.next;
    if (this.wall) return h(Wall, { page: this, at, state });
    return h(Whole, { page: this, at, state });
  }
}

// Before the first sync nothing is known, not even that there is nothing.
const Unknown = ({ page, at }) => [
  h(Bar, { page, at }),
  h("main", { class: "board unknown" }, h(Away, { page }), h(Waiting, { page })),
];

const PANELS = { item: ItemPanel, brief: BriefPanel };

function Whole({ page, at, state }) {
  const { panel, tab } = page.ui;
  const Panel = PANELS[panel?.kind] ?? (tab === "brief" ? BriefPanel : null);
  const first = !Panel && isFirstRun(page);
  return [
    h(Bar, { page, at }),
    panel?.kind === "sources" && h(SourcesPanel, { page, at }),
    h(
      "main",
      { class: `board ${Panel ? "open" : ""} ${first ? "first" : ""}`, "data-tab": tab },
      h(Day, { page, at }),
      first ? h(Welcome, { page }) : h(Stage, { page, at, state }),
      h(Priorities, { page, at }),
      h(Side, { page, at }),
      Panel && h(Panel, { page, at }),
    ),
    h(Tabs, { page, at }),
  ];
}

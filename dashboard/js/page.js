// What the page shows beside the board itself: what is open, what has just changed, what waits; and how it is laid out.

import { clock, dayName, dayOf, MINUTE_MS, zoneName } from "./dates.js";
import { Later, load } from "./later.js";
import { timeline } from "./model/day.js";
import { byDue, byPerson } from "./model/groups.js";
import { withoutSecrets } from "./model/join.js";
import { nameOf } from "./model/now.js";
import { Bar } from "./parts/bar.js";
import { Day, Week } from "./parts/day.js";
import { ExpiryBar } from "./parts/expiry.js";
import { Priorities } from "./parts/list.js";
import { whenIdle } from "./parts/rows.js";
import { Away, Side, Waiting } from "./parts/side.js";
import { Stage, told } from "./parts/stage.js";
import { listOf, Lists, Tabs } from "./parts/tabs.js";
import { unfolded } from "./session.js";
import { h, oneLine, PHONE, remember } from "./ui.js";
import { locale } from "./words.js";

const FLASH_MS = 4_000; // long enough to be noticed from the side of an eye
const MOST_FLASHES = 100; // a large put would light up the whole page
const STAYS_MS = 6_000; // what was just done stays in its place, with Undo beside it

export class Page {
  view;
  link;
  changes; // what others did since the person looked; see changes.js
  history = { entries: [], said: "" };
  justDone = new Map(); // id -> when the row may go
  soonest = null;
  // day: YYYY-MM-DD or null for today; week: whether all of it is shown; panel: {kind: item|brief|record|boards|sources|settings, ...} or
  // null; open: groups and lists that are unfolded; people: those whose lists are; editing: {code, word, panel, fault} of the
  // field that is; tab: of the phone, and list: which one its second tab shows; ways: which command each card of the first run shows
  ui = { day: null, week: false, panel: null, open: unfolded.get(), people: new Set(), editing: null, tab: "today", list: "priorities", ways: {}, prefFault: "", askingToNotify: false };
  wall = false;
  asOf = null; // ms of the epoch: what is shown was kept by the browser then, and the server has not told more yet
  waiting = () => [];
  keeps = () => true;
  isSignedIn = () => false;
  signOut = () => {};
  rename = () => {};
  isMine = () => false;
  setPref = () => {};
  faultPref = () => {};
  askToNotify = () => {};
  push = null; // see push.js
  pushHere = () => {};
  endPush = () => {};
  prefsAreShared = () => false;
  ownBrief = () => null;
  boards = () => null;
  expiry = () => null;
  #ask;
  #prefs;
  #flashes = new Map(); // "section id" -> who
  #ordered = new Map(); // section -> its items, sorted, until it changes
  #changed = new Map(); // id -> {handle, field}: what the person just changed, and how to take it back
  #troubled = null;
  #rest = null; // the parts that are still to be drawn; null before there is a board
  #going = false;
  #steps = null; // what is still to be worked out before the first drawing of a board; null before there is one
  #byDue = remember((items, minute) =>
    byDue(items, minute * MINUTE_MS, (item) => this.view.sections.isDone("priorities", item), () => false),
  );
  #openNow = remember((priorities, commitments, proposals) => {
    const open = (section, items) => items.filter((item) => !this.view.sections.isDone(section, item));
    return {
      priorities: open("priorities", priorities).length,
      people: byPerson(open("commitments", commitments)).length,
      proposals: proposals.filter((item) => !item.going).length,
    };
  });
  #names = remember((...lists) => {
    const said = lists.flat().flatMap(({ person, assignee, attendees }) => [person ?? assignee, ...(attendees ?? [])]);
    return [...new Set(said.filter(Boolean).map(nameOf))].sort();
  });

  // `prefs` are the person's; `ask(...names)` has these sections drawn anew.
  constructor({ view, link, prefs, ask }) {
    this.view = view;
    this.link = link;
    this.#prefs = prefs;
    this.#ask = ask;
  }

  get prefs() {
    return this.#prefs;
  }

  // One's own brief while it is newer than the active one, here as on the wall and in the terminal.
  get brief() {
    const own = this.ownBrief();
    const active = this.view.only("brief");
    return own && !(active?.set_at > own.set_at) ? own : active;
  }

  // The event that an item is due before, as {code, title}; the title of one that is private or gone is not known.
  before({ due_before: id }) {
    const event = id ? this.view.item("calendar", id) : null;
    return event ? { code: event.code, title: oneLine(withoutSecrets(event.title)) } : null;
  }

  // The priorities by when they are due; see model/groups.js.
  byDue(at) {
    return this.#byDue(this.ordered("priorities"), Math.floor(at / MINUTE_MS));
  }

  // How many are open: {priorities, people, proposals}.
  openNow() {
    return this.#openNow(...["priorities", "commitments", "proposals"].map((name) => this.ordered(name)));
  }

  // The names and addresses of the one whom the board is for.
  get me() {
    return this.prefs.me;
  }

  // The panels beside the list, in the person's order.
  panels() {
    const { order, hidden } = this.prefs.panels;
    return order.filter((name) => !hidden.includes(name));
  }

  // How a row stands that may be changed: {editing: the field's word or null, fault, undo, at, people}. Only what is being
  // changed knows the time, so that nothing else is drawn again when it passes. `inPanel` asks for the item's own view.
  editingOf(item, at, inPanel = false) {
    const { editing } = this.ui;
    const undo = this.#changed.get(item.id)?.handle ?? null;
    if (editing?.code !== item.code || Boolean(editing.panel) !== inPanel) return { editing: null, undo };
    const people = editing.word === "assign" ? this.#names(this.ordered("commitments"), this.ordered("calendar")) : null;
    return { editing: editing.word, fault: editing.fault ?? null, undo, at, people };
  }

  // The person has changed a field of an item: for a moment the way back stands beside it.
  changedNow(section, id, field, handle) {
    this.#changed.set(id, { handle, field });
    this.#ask(section);
    setTimeout(() => {
      if (this.#changed.get(id)?.handle !== handle) return;
      this.#changed.delete(id);
      this.#ask(section);
    }, STAYS_MS);
  }

  undoneField(id) {
    return this.#changed.get(id)?.field ?? null;
  }

  takenBack(handle) {
    for (const [id, one] of this.#changed) if (one.handle === handle) this.#changed.delete(id);
  }

  // The meetings of today, and where there is room between them.
  meetings(at) {
    return timeline(this.ordered("calendar"), dayOf(at), at).blocks;
  }

  rooms(at) {
    return timeline(this.ordered("calendar"), dayOf(at), at).rooms;
  }

  // The items of a section in its order, without those that repeat another; the same list as long as nothing in it changes.
  // Before the first sync none.
  ordered(name) {
    const { sections } = this.view;
    if (!sections.get(name)) return [];
    if (!this.#ordered.has(name)) {
      const items = [...this.view.items(name)].filter(({ same_as: id }) => !id || !this.view.item(name, id));
      this.#ordered.set(name, sections.inOrder(name, items));
    }
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
    const then = this.asOf ?? this.link.asOf ?? this.link.since;
    const [day, today] = [dayOf(then), dayOf(now)];
    return day === today ? clock(then) : `${dayName(day, today)} ${clock(then)}`;
  }

  // Whether the first drawings have come to a part yet.
  has(part) {
    return this.#rest !== null && !this.#rest.includes(part);
  }

  // All parts, whatever has been drawn so far.
  complete() {
    this.#rest = [];
  }

  // One part more with each frame after the stage; on a phone those that another tab shows when there is time.
  #goOn() {
    this.#rest ??= PHONE?.matches && this.ui.tab === "list" ? ["list", "side", "day"] : ["day", "list", "side"];
    if (this.#going || this.#rest.length === 0) return;
    this.#going = true;
    const go = () => {
      this.#going = false;
      this.#rest.shift();
      if (this.#rest.length === 0) whenIdle(loadAll);
      this.#ask("system");
    };
    if (PHONE?.matches && this.has("day") !== this.has("list")) whenIdle(go);
    else setTimeout(go);
  }

  // Whether what the first drawing needs has been worked out: one step of it at a time, so that a phone's browser is never
  // busy for long.
  #isPrepared(at) {
    if (this.#steps) return this.#steps.length === 0;
    this.#steps = [
      () => this.ordered("calendar"),
      () => timeline(this.ordered("calendar"), dayOf(at), at),
      () => this.ordered("priorities"),
      () => this.byDue(at),
    ];
    const go = () => {
      this.#steps.shift()();
      if (this.#steps.length) setTimeout(go);
      else this.#ask("system");
    };
    setTimeout(go);
    return false;
  }

  // Draws what is known at this moment.
  draw(at) {
    // Before the first sync nothing is known, not even that there is nothing.
    const state = this.view.only("system") && this.#isPrepared(at) ? told(this, at) : null;
    this.soonest = state?.next ?? null;
    if (state && this.wall) return h(Later, { part: "Wall", page: this, at, state });
    if (state) this.#goOn();
    // Another language or zone is another page: nothing of the old one is worth keeping.
    return h(Whole, { key: `${locale} ${zoneName()} ${this.prefs.zone2}`, page: this, at, state });
  }
}

// What the first screen does not show. Where a service worker is, that has copies of what else may be asked for.
async function loadAll() {
  await load();
  if (!navigator.serviceWorker) load("SettingsPanel");
}

const Unknown = ({ page }) => h("main", { class: "board unknown" }, h(Away, { page }), h(Waiting, { page }));

const PANELS = { item: "ItemPanel", brief: "BriefPanel", record: "RecordPanel" };
const POPS = { boards: "BoardsPanel", sources: "SourcesPanel", settings: "SettingsPanel" };

function Whole({ page, at, state }) {
  if (!state) return [h(Bar, { page, at }), h(Unknown, { page })];
  const { panel, tab, week } = page.ui;
  const part = PANELS[panel?.kind] ?? (tab === "brief" ? PANELS.brief : null);
  const pop = POPS[panel?.kind];
  const first = !part && page.view.isEmpty;
  const names = ["board", part && "open", first && "first", week && "of-week"];
  return [
    h(Bar, { page, at }),
    pop && h(Later, { key: pop, part: pop, page, at }),
    h(ExpiryBar, { page, at }),
    h(
      "main",
      { class: names.filter(Boolean).join(" "), "data-tab": tab, "data-part": listOf(page) },
      first ? h(Later, { part: "Welcome", page }) : h(Stage, { page, at, state }),
      page.has("day") && h(week ? Week : Day, { page, at }),
      page.has("list") && h(Lists, { page }),
      page.has("list") && h(Priorities, { page, at, state }),
      page.has("side") && h(Side, { page, at, state }),
      part && h(Later, { key: part, part, page, at }),
    ),
    h(Tabs, { page, at }),
  ];
}

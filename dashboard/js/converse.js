// What people do: with the mouse, a finger, the keys, and the command line.

import { actionsOf, checkLine, fieldLine, letterLines, sidesOf } from "./actions.js";
import { clock, ms } from "./dates.js";
import { drag } from "./drag.js";
import { Editing } from "./editing.js";
import { listen } from "./keys.js";
import { load } from "./later.js";
import { join } from "./model/join.js";
import { proposalKeys } from "./model/proposed.js";
import { Menu } from "./parts/menu.js";
import { Palette } from "./parts/palette.js";
import { askHistory } from "./past.js";
import { Records } from "./records.js";
import { unfolded } from "./session.js";
import { swipe } from "./swipe.js";
import { oneLine } from "./ui.js";
import { say } from "./words.js";

const at = (id) => document.getElementById(id);
const afterDrawing = (then) => requestAnimationFrame(() => requestAnimationFrame(then));

// Returns the palette.
export function converse({ client, view, page, frames, lines, answers }) {
  const menu = new Menu(at("menu"));
  const redraw = () => frames.ask("system");

  const showPanel = async (panel, byKey) => {
    page.ui.panel = panel;
    redraw();
    if (byKey && (await load(PARTS[panel.kind]))) afterDrawing(() => at("page").querySelector(".panel h2, .pop h2")?.focus());
  };
  const open = (code, byKey) => {
    const found = view.named(code);
    if (!found) return;
    const { section, item } = found;
    page.history = { entries: [], said: say.lookingUp };
    showPanel(
      { kind: "item", section, id: item.id, code: item.code, headline: view.sections.headline(section, item) },
      byKey,
    );
    askHistory(client, page, frames);
  };
  const closePanel = () => {
    const { panel } = page.ui;
    if (panel?.back) return reopen(panel);
    page.ui.panel = null;
    page.ui.prefFault = "";
    if (page.ui.tab === "brief") page.ui.tab = "today";
    redraw();
    afterDrawing(() => palette.isOpen || focusBoard(panel?.code)); // whoever types already keeps the line
  };
  // From a record back to what it was opened from, with the focus where it was.
  const reopen = ({ back, refs }) => {
    page.ui.panel = back;
    redraw();
    afterDrawing(() => {
      const signs = [...at("page").querySelectorAll(".panel [data-act=record]")];
      (signs.find(({ dataset }) => dataset.refs === refs.join("\n")) ?? at("page").querySelector(".panel h2"))?.focus();
    });
  };
  const records = new Records({ client, page, show: showPanel, redraw });
  const toggleWeek = (week = !page.ui.week) => {
    page.ui.week = week;
    frames.ask();
  };

  const run = async (typed) => {
    const line = typed.replace(/^\s*brief\s+day\s*$/i, "brief daily").replace(/^\s*brief\s+week\s*$/i, "brief weekly");
    const own = ownCommand(line);
    if (own) return own();
    const [, code] = /^\s*\S+\s+([A-Z]\d+)\b/i.exec(line) ?? [];
    const named = code ? view.named(code) : null;
    const ack = await lines.run(line);
    if (ack.ok) editing.note(ack, line, named);
    palette.show(line, ack);
    const shown = ack.data?.steps?.findLast(({ data }) => data?.record);
    if (shown) records.take(shown.data.record);
    if (ack.ok && /^\s*brief\b/i.test(line) && !line.includes("|")) showPanel({ kind: "brief" });
    return ack;
  };
  // Commands that concern this page alone.
  const ownCommand = (line) => {
    const [word, code] = line.trim().toLowerCase().split(/\s+/);
    const way = word === "join" && code && view.named(code) ? join(view.named(code).item) : null;
    if (way) return () => window.open(way.url, "_blank", "noopener,noreferrer");
    if (word === "switch" && page.boards().has(code)) return () => page.boards().enter(code);
    if (code) return /^\s*sign\s+out\s*$/i.test(line) && page.isSignedIn() ? page.signOut : null;
    const alone = {
      seen,
      redo: () => lines.redo(),
      settings: () => showPanel({ kind: "settings" }, true),
      boards: page.boards().areSeveral && (() => showPanel({ kind: "boards" }, true)),
      sources: () => showPanel({ kind: "sources" }, true),
      week: () => toggleWeek(true),
      day: () => toggleWeek(false),
      today: () => (toggleWeek(false), does.day({ day: null })),
    };
    return (Object.hasOwn(alone, word) && alone[word]) || null;
  };
  const seen = () => page.changes.seen();

  // What a letter alone stands for: for the row that had the focus, then for the page.
  const key = (letter, code) => {
    const next = page.soonest?.item;
    const named = code ? view.named(code) : null;
    const ofRow = named ? letterLines(letter, view.sections, named.section, named.item) : [];
    const title = named ? view.sections.headline(named.section, named.item) : "";
    const ofPage = {
      j: next && join(next) && { line: `join ${next.code}`, help: next.title },
      b: next ? { line: `brief ${next.code}`, help: next.title } : { line: "brief daily", help: say.alone.brief },
      ...proposalKeys(page.ordered("proposals"), at("page")),
      e: page.changes.list.length && { line: "seen", help: say.alone.seen },
      w: { line: page.ui.week ? "day" : "week", help: page.ui.week ? say.day : say.week },
    }[letter];
    return [...ofRow.map((one) => ({ ...one, help: title })), ...(ofPage ? [ofPage] : [])];
  };
  const usual = () => [
    ...["j", "b", "a", "e"].flatMap((letter) => key(letter, null)),
    { prefill: "add priority ", help: say.alone.add },
    { prefill: "search ", help: say.alone.search },
    { line: "help", help: say.footAll },
  ];
  const palette = new Palette({
    client,
    page,
    lines,
    dialog: at("palette"),
    does: { run, isOwn: (line) => ownCommand(line) !== null, open: (code) => open(code, true), key, usual, focus: focusBoard },
  });
  const editing = new Editing({ page, view, frames, lines, begin: (line) => palette.begin(line) });
  page.rename = (code, text) => editing.run(fieldLine(code, "title", text), { code, word: "title" });

  const carryOut = ({ line, prefill, field }, code, panel = false) => {
    if (line) return run(line);
    return field ? editing.open(code, field, panel) : palette.begin(prefill);
  };
  const openMenu = (code, actions, place, opener, choose) =>
    menu.open({ label: say.actionsOf(code), actions, place, opener, choose });

  // Meetings that share a place: which of them?
  function openPile(element) {
    const named = element.dataset.codes.split(" ").map((code) => view.named(code)).filter(Boolean);
    const actions = named.map(({ item }) => ({ name: oneLine(`${clock(ms(item.start))} ${item.title}`), keys: item.code }));
    menu.open({ label: element.title, actions, place: element, opener: element, choose: ({ keys }) => open(keys, true) });
  }

  function act(name, code, element, byKey = true) {
    if (name === "pile") return openPile(element);
    const named = view.named(code);
    if (name === "open") return open(code, byKey);
    if (!named) return;
    const actions = actionsOf(view.sections, named.section, named.item);
    const { word, panel } = element.dataset;
    if (name === "drop") return run(`drop ${code}`);
    if (name === "update") return editing.open(code, "title", false);
    if (name === "field") return editing.open(code, word, Boolean(panel));
    if (name === "up" || name === "down") return named.section === "priorities" ? run(`rank ${code} ${name}`) : undefined;
    if (name === "do") return carryOut(actions[Number(element.dataset.number)], code);
    if (name === "check") {
      const line = checkLine(view.sections, named.section, named.item);
      return line ? run(line) : open(code, byKey);
    }
    const inPanel = Boolean(element.closest("#item"));
    const choose = (action) => (action.open ? open(code, true) : carryOut(action, code, inPanel && action.field !== "snooze"));
    if (name === "snooze")
      return openMenu(
        code,
        actions.filter((one) => one.snooze),
        element,
        element,
        choose,
      );
    const opener = element.closest("li, section").querySelector(".opener, h2");
    openMenu(code, [...actions, { name: say.details, keys: "Enter", open: true }], element, opener, choose);
  }

  const toggle = (set, name) => {
    if (!set.delete(name)) set.add(name);
    redraw();
  };
  const pop = (kind) => (data, byKey) => (page.ui.panel?.kind === kind ? closePanel() : showPanel({ kind }, byKey));
  // What the buttons do that do not concern one item.
  const does = {
    line: ({ line }) => run(line),
    undo: ({ handle }) => {
      page.takenBack(handle);
      lines.undo(handle);
    },
    "save-edit": () => editing.save(at("page").querySelector(".editor .edit-in")),
    "leave-edit": () => editing.close(),
    "set-field": ({ line, code }) => editing.run(line, { code }),
    record: ({ ref, refs, quote }, byKey) =>
      ref ? records.open({ id: ref, refs: refs.split("\n"), quote }, byKey) : does["search-quote"]({ quote }),
    "read-on": () => records.readOn(),
    "search-quote": ({ quote }) => palette.begin(`search ${queryFor(quote)}`),
    filter: ({ name, value }) => palette.filter(name, value),
    "take-back": ({ op }) => lines.takeBack(op),
    "edit-line": ({ line }) => palette.begin(line),
    "close-answer": ({ key: which }) => answers.close(which),
    cancel: () => lines.cancel(view.only("system").collection.run),
    "ask-source": ({ source }) => client.change("collection:start", { mode: "quick", sources: [source] }),
    further: () => palette.further(),
    connect: () => client.connect(),
    type: () => palette.open(),
    help: () => palette.help(),
    seen,
    copy: ({ text }) => navigator.clipboard?.writeText(text),
    way: ({ card, way }) => {
      page.ui.ways[card] = Number(way);
      redraw();
    },
    fold: ({ name }) => {
      toggle(page.ui.open, name);
      unfolded.set(page.ui.open);
    },
    person: ({ name }) => toggle(page.ui.people, name),
    day: ({ day }) => {
      page.ui.day = day;
      redraw();
    },
    week: () => toggleWeek(),
    "one-day": ({ day }) => {
      page.ui.day = day;
      toggleWeek(false);
    },
    tab: ({ name }) => {
      if (name === "search") return palette.open();
      page.ui.tab = name;
      page.ui.panel = name === "brief" ? { kind: "brief" } : null;
      scrollTo(0, 0);
      redraw();
    },
    list: ({ name }) => {
      page.ui.list = name;
      scrollTo(0, 0);
      redraw();
    },
    brief: (data, byKey) => showPanel({ kind: "brief" }, byKey),
    sources: pop("sources"),
    settings: pop("settings"),
    boards: (data, byKey) => {
      page.boards().look();
      pop("boards")(data, byKey);
    },
    board: ({ board }) => (board === page.boards().here ? closePanel() : page.boards().enter(board)),
    "close-panel": closePanel,
    "sign-out": () => page.signOut(),
  };

  swipe(at("page"), {
    run,
    sides: (code) => {
      const named = view.named(code);
      return named ? sidesOf(view.sections, named.section, named.item) : { right: null, left: null };
    },
  });
  drag(at("page"), { run, rank: (code, before, last) => rankLine(page, code, before, last) });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    const byKey = event.detail === 0;
    if (!button) {
      if (isPop(page.ui.panel) && !event.target.closest(".pop, [data-act]")) closePanel();
      return;
    }
    const { act: name } = button.dataset;
    const code = button.dataset.code ?? button.closest("[data-code]")?.dataset.code;
    if (name in does) does[name](button.dataset, byKey);
    else act(name, code, button, byKey);
  });
  document.addEventListener("dblclick", ({ target }) => {
    const row = target.closest("li.row[data-code]");
    if (row && target.closest(".opener")) editing.open(row.dataset.code);
  });
  // Not all browsers give the focus to a button that is clicked: it stays in the field, which else would be left first.
  document.addEventListener("mousedown", (event) => event.target.closest(".editor [data-act]") && event.preventDefault());
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    const editor = target.closest?.(".editor");
    if (!editor || !editing.isOpen || editor.contains(relatedTarget)) return;
    const field = editor.querySelector(".edit-in");
    if (field?.matches("[data-word]:not([data-word=title])")) editing.save(field);
    else editing.close();
  });

  listen({
    act,
    type: () => palette.open(),
    search: () => palette.begin("search "),
    help: () => palette.help(),
    undo: () => lines.undo(),
    redo: () => lines.redo(),
    save: (field) => editing.save(field),
    leave: (target) => {
      if (target.closest(".editor") && editing.isOpen) return editing.close();
      if (palette.isOpen) return palette.close();
      if (page.ui.panel) return closePanel();
      if (!answers.isEmpty) return answers.clear();
      focusBoard();
    },
  });
  return { palette, open };
}

const PARTS = { settings: "SettingsPanel" }; // panels that come in a file of their own
const isPop = (panel) => ["boards", "sources", "settings"].includes(panel?.kind);

// The first words of what was said, as they stand there; without what would part the line.
function queryFor(quote) {
  const words = quote.replace(/[|"“”*]/g, " ").split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  return words.slice(0, 6).join(" ");
}

// The line that puts an item before another one of its group, or after the last of it. Places are counted among what is
// open, or snoozed, as it is.
function rankLine(page, code, before, last) {
  const all = page.ordered("priorities");
  const { status } = all.find((item) => item.code === code) ?? {};
  const codes = all.filter((item) => item.status === status && item.code !== code).map((item) => item.code);
  const to = before ? codes.indexOf(before) : codes.indexOf(last) + 1;
  return to < 0 ? null : `rank ${code} ${to + 1}`;
}

// Back to the item that was looked at last.
export function focusBoard(code) {
  const stop =
    (code && document.querySelector(`li[data-code="${code}"] .opener`)) ||
    document.querySelector('main .opener[tabindex="0"]');
  if (stop?.checkVisibility()) stop.focus({ preventScroll: true });
  else document.activeElement?.blur();
}

// The page: the client, what is shown of what it holds, and what people do with it.

import { actionsOf, checkLine, sidesOf } from "./actions.js";
import { Client } from "./client.js";
import { MINUTE_MS } from "./dates.js";
import { install } from "./installed.js";
import { listen } from "./keys.js";
import { keepLast, LastBoard } from "./last.js";
import { Lines } from "./lines.js";
import { join } from "./model/join.js";
import { proposalKeys } from "./model/proposed.js";
import { Session, unfolded } from "./session.js";
import { Sections } from "./sections.js";
import { swipe } from "./swipe.js";
import { View } from "./view.js";

const HISTORY = 50;
const ASK_AGAIN_MS = 200;
const WAITS_AFTER_MS = 1_500;

const at = (id) => document.getElementById(id);
const root = document.documentElement;

// What npm brings, and what stands on it.
async function libraries() {
  try {
    const [{ io }, { openDB }, drawing] = await Promise.all([
      import("./vendor/socket.io.js"),
      import("./vendor/idb.js"),
      drawingModules(),
    ]);
    return { io, openDB, ...drawing };
  } catch (error) {
    at("banner").hidden = false;
    at("banner").textContent =
      "What the page needs is not installed on the server: run `make run` there once, with access to npm.";
    console.info(error);
    return null;
  }
}

async function drawingModules() {
  const modules = await Promise.all([
    import("./frames.js"),
    import("./outbox.js"),
    import("./page.js"),
    import("./parts/answers.js"),
    import("./parts/menu.js"),
    import("./parts/palette.js"),
    import("./parts/signin.js"),
  ]);
  return Object.assign({}, ...modules);
}

function begin({ io, openDB, ...drawn }) {
  const { Answers, Frames, Outbox, Page, SignIn, rove } = drawn;
  let leave = null;
  const session = new Session(() => leave());
  const person = () => session.person;
  const client = new Client(io, { url: new URL(".", location.href).href, auth: () => session.hello() });
  const view = new View(client.replica, new Sections());
  const page = new Page({ view, link: client.link, ask: (...names) => frames.ask(...names) });
  const frames = new Frames(at("page"), page);
  const answers = new Answers(at("answer"));
  const outbox = new Outbox({ openDB, person, onFound: (entries) => lines.resume(entries) });
  const onRefused = (line) => palette.keep(line);
  const last = new LastBoard({ openDB, person, replica: client.replica });
  const lines = new Lines({ client, view, frames, answer: answers, outbox, person, onRefused });
  page.waiting = () => lines.waiting(client.link.stage === "connected" ? WAITS_AFTER_MS : 0);
  page.keeps = () => outbox.keeps;
  at("banner").remove();
  rove(at("page"));
  follow({ client, view, frames, lines, page });
  keepTime(frames, page);
  const enter = (token) => {
    if (token) session.token = token;
    lines.leaveToTheirPerson();
    outbox.look();
    client.connect({ anew: true });
  };
  const readAddress = () => {
    const given = session.read();
    page.wall = session.wall;
    root.classList.toggle("wall", session.wall);
    frames.ask();
    if (given) enter();
  };
  leave = keepLast({ last, session, client, view, page, frames, lines });
  new SignIn({ client, dialog: at("sign-in"), onToken: enter });
  at("sign-in").addEventListener("close", () => requestAnimationFrame(focusBoard)); // when the board is drawn
  addEventListener("hashchange", readAddress);
  addEventListener("beforeunload", (event) => outbox.wouldLose && event.preventDefault());
  page.wall = session.wall;
  root.classList.toggle("wall", session.wall);
  const palette = converse({ client, view, page, frames, lines, answers, ...drawn });
  outbox.look();
  frames.ask();
}

// What the server sends, to what shows it.
function follow({ client, view, frames, lines, page }) {
  client.addEventListener("link", ({ detail }) => {
    page.link = detail;
    root.dataset.link = detail.stage;
    frames.ask("system");
  });
  root.dataset.link = client.link.stage;
  client.addEventListener("sync", ({ detail }) => {
    if (detail.mode !== "snapshot") return;
    view.sections.learn(client.replica.described);
    frames.ask();
  });
  client.addEventListener("patch", ({ detail }) => {
    const { changes, cause } = detail;
    frames.ask(...new Set(changes.map(({ section }) => section)));
    for (const change of changes) noteDone(view, page, change);
    refreshHistory(client, page, frames, changes);
    if (lines.isOwn(cause)) return;
    if (changes.some(({ section }) => view.sections.coded.includes(section))) page.changes.take(detail);
    for (const { section, id, gone } of changes) if (!gone) page.flash(section, id, cause.actor);
  });
}

// A row that has just been dealt with stays for a moment.
function noteDone(view, page, { section, id, before }) {
  const item = view.item(section, id);
  if (!item || !before || !view.sections.coded.includes(section)) return;
  if (view.sections.isDone(section, item) && !view.sections.isDone(section, before)) page.stay(section, id);
}

// Time alone changes what there is to see: the countdown, what is over, the ages.
function keepTime(frames) {
  let minute = 0;
  setInterval(() => {
    const now = Math.floor(Date.now() / MINUTE_MS);
    if (now !== minute || root.matches(".wall")) frames.ask("system");
    minute = now;
  }, 1_000);
}

let asking = 0;

async function askHistory(client, page, frames) {
  const { panel } = page.ui;
  if (panel?.kind !== "item") return;
  const ack = await client.request("state:history", { id: panel.id, limit: HISTORY }, { withinMs: 10_000 });
  if (page.ui.panel !== panel) return;
  // An id is unique within its section only: another one may have a past under it too.
  const entries = ack.ok
    ? ack.data.entries.filter(({ change }) => change.section === panel.section)
    : page.history.entries;
  page.history = { entries, said: ack.ok ? "" : ack.error.message };
  frames.ask("system");
}

function refreshHistory(client, page, frames, changes) {
  const { panel } = page.ui;
  if (panel?.kind !== "item" || !changes.some(({ section, id }) => section === panel.section && id === panel.id))
    return;
  clearTimeout(asking);
  asking = setTimeout(() => askHistory(client, page, frames), ASK_AGAIN_MS);
}

// What people do: with the mouse, the keys, and the command line. The palette.
function converse({ client, view, page, frames, lines, answers, Menu, Palette }) {
  const menu = new Menu(at("menu"));
  const redraw = () => frames.ask("system");

  const showPanel = (panel, byKey) => {
    page.ui.panel = panel;
    redraw();
    if (byKey)
      requestAnimationFrame(() =>
        requestAnimationFrame(() => at("page").querySelector(".panel h2, .pop h2")?.focus()),
      );
  };
  const open = (code, byKey) => {
    const found = view.named(code);
    if (!found) return;
    const { section, item } = found;
    page.history = { entries: [], said: "looking up its history …" };
    showPanel(
      { kind: "item", section, id: item.id, code: item.code, headline: view.sections.headline(section, item) },
      byKey,
    );
    askHistory(client, page, frames);
  };
  const closePanel = () => {
    const { panel } = page.ui;
    page.ui.panel = null;
    if (page.ui.tab === "brief") page.ui.tab = "today";
    redraw();
    requestAnimationFrame(() => requestAnimationFrame(() => focusBoard(panel?.code)));
  };

  const run = async (line) => {
    const own = ownCommand(line);
    if (own) return own();
    const ack = await lines.run(line);
    palette.show(line, ack);
    if (ack.ok && /^\s*brief\b/i.test(line) && !line.includes("|")) showPanel({ kind: "brief" });
    return ack;
  };
  // Commands that concern this page alone.
  const ownCommand = (line) => {
    const [word, code] = line.trim().toLowerCase().split(/\s+/);
    const way = word === "join" && code && view.named(code) ? join(view.named(code).item) : null;
    if (way) return () => window.open(way.url, "_blank", "noopener,noreferrer");
    if (word === "seen" && !code) return seen;
    if (/^\s*sign\s+out\s*$/i.test(line) && page.isSignedIn()) return page.signOut;
    return null;
  };
  const seen = () => {
    page.changes.seen();
    redraw();
  };
  // What a letter alone stands for.
  const key = (letter) => {
    const next = page.soonest?.item;
    const keys = {
      j: next && join(next) && { line: `join ${next.code}`, help: next.title },
      b: next
        ? { line: `brief ${next.code}`, help: next.title }
        : { line: "brief daily", help: "the brief of the day" },
      ...proposalKeys(page.ordered("proposals"), at("page")),
      e: page.changes.list.length && { line: "seen", help: "takes away what changed since you looked" },
    };
    return keys[letter] || null;
  };
  const palette = new Palette({
    client,
    page,
    lines,
    dialog: at("palette"),
    does: { run, open: (code) => open(code, true), key, focus: focusBoard },
  });

  const rename = (code, text) => lines.run(`update ${code} ${quoted(text)}`);
  page.rename = rename;
  const edit = (code) => {
    page.ui.editing = code;
    if (!at("page").querySelector(`li[data-code="${code}"]`)) return palette.begin(`update ${code} `);
    redraw();
  };
  const carryOut = ({ line, prefill, keys }, code) => {
    if (line) return run(line);
    return keys === "F2" ? edit(code) : palette.begin(prefill);
  };

  const openMenu = (code, actions, place, opener, choose) =>
    menu.open({ label: `Actions of ${code}`, actions, place, opener, choose });

  function act(name, code, element, byKey = true) {
    const named = view.named(code);
    if (name === "open") return open(code, byKey);
    if (!named) return;
    const actions = actionsOf(view.sections, named.section, named.item);
    if (name === "drop") return run(`drop ${code}`);
    if (name === "update") return edit(code);
    if (name === "do") return carryOut(actions[Number(element.dataset.number)], code);
    if (name === "check") {
      const line = checkLine(view.sections, named.section, named.item);
      return line ? run(line) : open(code, byKey);
    }
    const opener = element.closest("li, section").querySelector(".opener, h2");
    const all = [...actions, { name: "Details and history", keys: "Enter", open: true }];
    const choose = (action) => (action.open ? open(code, true) : carryOut(action, code));
    if (name === "snooze")
      return openMenu(
        code,
        actions.filter((one) => one.name.startsWith("Snooze")),
        element,
        element,
        choose,
      );
    openMenu(code, all, element, opener, choose);
  }

  const toggle = (set, name) => {
    if (!set.delete(name)) set.add(name);
    redraw();
  };
  // What the buttons do that do not concern one item.
  const does = {
    line: ({ line }) => run(line),
    undo: ({ handle }) => lines.undo(handle),
    "take-back": ({ op }) => lines.takeBack(op),
    "edit-line": ({ line }) => palette.begin(line),
    "close-answer": ({ key: which }) => answers.close(which),
    cancel: () => lines.cancel(view.only("system").collection.run),
    further: () => palette.further(),
    connect: () => client.connect(),
    type: () => palette.open(),
    help: () => palette.help(),
    seen,
    copy: ({ text }) => navigator.clipboard?.writeText(text),
    fold: ({ name }) => {
      toggle(page.ui.open, name);
      unfolded.set(page.ui.open);
    },
    person: ({ name }) => toggle(page.ui.people, name),
    day: ({ day }) => {
      page.ui.day = day;
      redraw();
    },
    tab: ({ name }) => {
      if (name === "search") return palette.open();
      page.ui.tab = name;
      page.ui.panel = name === "brief" ? { kind: "brief" } : null;
      scrollTo(0, 0);
      redraw();
    },
    brief: (data, byKey) => showPanel({ kind: "brief" }, byKey),
    sources: (data, byKey) =>
      page.ui.panel?.kind === "sources" ? closePanel() : showPanel({ kind: "sources" }, byKey),
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
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    const byKey = event.detail === 0;
    if (!button) {
      if (page.ui.panel?.kind === "sources" && !event.target.closest(".pop, [data-act]")) closePanel();
      return;
    }
    const { act: name } = button.dataset;
    const code = button.dataset.code ?? button.closest("[data-code]")?.dataset.code;
    if (name in does) does[name](button.dataset, byKey);
    else act(name, code, button, byKey);
  });
  document.addEventListener("dblclick", ({ target }) => {
    const row = target.closest("li.row[data-code]");
    if (row && target.closest(".opener")) edit(row.dataset.code);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches?.(".edit-in") && page.ui.editing) endEditing();
  });
  const endEditing = () => {
    page.ui.editing = null;
    frames.ask();
  };

  listen({
    act,
    type: () => palette.open(),
    search: () => palette.begin("search "),
    help: () => palette.help(),
    undo: () => lines.undo(),
    rename: (field) => {
      const text = field.value.replace(/\s+/g, " ").trim();
      if (text && text !== field.defaultValue) rename(field.dataset.code, text);
      endEditing();
    },
    leave: (target) => {
      if (target.matches(".edit-in")) return endEditing();
      if (palette.isOpen) return palette.close();
      if (page.ui.panel) return closePanel();
      if (!answers.isEmpty) return answers.clear();
      focusBoard();
    },
  });
  return palette;
}

// In quotation marks where the text would part the line or begin a quotation.
function quoted(said) {
  return /[|"“]/.test(said) ? `"${said.replace(/["\\]/g, "\\$&")}"` : said;
}

// Back to the item that was looked at last.
function focusBoard(code) {
  const stop =
    (code && document.querySelector(`li[data-code="${code}"] .opener`)) ||
    document.querySelector('main .opener[tabindex="0"]');
  if (stop?.checkVisibility()) stop.focus({ preventScroll: true });
  else document.activeElement?.blur();
}

const installed = await libraries();
if (installed) {
  begin(installed);
  install();
}

// The page: the client, the parts that show what it holds, and what people do with them.

import { actionsOf, checkLine } from "./actions.js";
import { Answer } from "./answer.js";
import { Client } from "./client.js";
import { text } from "./dom.js";
import { Found } from "./results.js";
import { Frames } from "./scheduler.js";
import { ItemView } from "./item.js";
import { listen } from "./keys.js";
import { Lines } from "./lines.js";
import { LinkView } from "./link.js";
import { Menu } from "./menu.js";
import { MINUTE_MS } from "./dates.js";
import { Sections } from "./sections.js";
import { Brief } from "./panels/brief.js";
import { Calendar } from "./panels/calendar.js";
import { Commitments } from "./panels/commitments.js";
import { Items, panelOf } from "./panels/items.js";
import { Priorities } from "./panels/priorities.js";
import { Sources } from "./panels/sources.js";
import { System } from "./panels/system.js";
import { Outbox } from "./outbox.js";
import { Prompt } from "./prompt.js";
import { Session } from "./session.js";
import { View } from "./view.js";

// Sections that are shown in a way of their own; every other one is a list of its items.
const PANELS = {
  system: System,
  calendar: Calendar,
  priorities: Priorities,
  commitments: Commitments,
  sources: Sources,
  brief: Brief,
};

const at = (id) => document.getElementById(id);

// What npm brings.
async function libraries() {
  try {
    const [{ io }, { openDB }] = await Promise.all([import("./vendor/socket.io.js"), import("./vendor/idb.js")]);
    return { io, openDB };
  } catch {
    at("banner").hidden = false;
    text(
      at("banner"),
      "What the page needs is not installed on the server: run `make run` there once, with access to npm.",
    );
    text(at("link"), "not connected");
    return null;
  }
}

function begin({ io, openDB }) {
  const session = new Session();
  const person = () => session.person;
  document.documentElement.classList.toggle("wall", session.wall);
  const client = new Client(io, { url: new URL(".", location.href).href, auth: () => session.hello() });
  const sections = new Sections();
  const view = new View(client.replica, sections);
  const item = new ItemView({ client, view, panel: at("item") });
  const panels = sections.names.map((name) => {
    const Panel = PANELS[name] ?? Items;
    return [name, new Panel(placeOf(sections.get(name)), view, () => frames.ask(name), name)];
  });
  const frames = new Frames(view, { ...Object.fromEntries(panels), item });
  const answer = new Answer(at("answer"));
  const outbox = new Outbox({ openDB, person, onFound: (entries) => lines.resume(entries) });
  const lines = new Lines({ client, view, frames, answer, outbox, person, onRefused: (line) => prompt.keep(line) });
  const found = new Found({ client, view, panel: at("found") });
  new LinkView({ client, session, place: at("link"), banner: at("banner"), dialog: at("sign-in"), onToken: () => signedIn() });
  follow({ client, view, frames, lines });
  keepTime(frames);
  askBeforeLeaving(outbox);
  const signedIn = () => {
    lines.leaveToTheirPerson();
    outbox.look();
    client.connect({ anew: true });
  };
  const signIn = () => {
    const given = session.read();
    document.documentElement.classList.toggle("wall", session.wall);
    if (given) signedIn();
  };
  addEventListener("hashchange", signIn);
  at("sign-in").addEventListener("close", () => requestAnimationFrame(focusBoard)); // when the board is drawn
  const prompt = converse({ client, view, item, lines, answer, found });
  outbox.look();
}

// Only where the browser does not keep what was typed.
function askBeforeLeaving(outbox) {
  addEventListener("beforeunload", (event) => outbox.wouldLose && event.preventDefault());
}

// Where a section is shown: a place in the page, or one that is made for it.
function placeOf(section) {
  if (!at(section.name)) at("commitments").after(panelOf(section));
  return at(section.name);
}

// What the server sends, to the parts that show it.
function follow({ client, view, frames, lines }) {
  const { coded } = view.sections;
  client.addEventListener("sync", ({ detail }) => detail.mode === "snapshot" && frames.ask());
  client.addEventListener("patch", ({ detail: { changes, cause } }) => {
    const sections = new Set(changes.map(({ section }) => section));
    frames.ask("item", ...sections);
    if (sections.has("sources")) frames.ask(...coded); // they say whose word is stale
    if (coded.some((name) => sections.has(name))) frames.ask("brief"); // it names them by their codes
    if (lines.isOwn(cause)) return;
    for (const { section, id, gone } of changes) if (!gone) frames.flash(section, id, cause.actor);
  });
}

// Time alone changes what there is to see: the countdown, what is over, the ages.
function keepTime(frames) {
  let minute = 0;
  setInterval(() => {
    const now = Math.floor(Date.now() / MINUTE_MS);
    if (now !== minute) frames.ask();
    else if (document.querySelector(".soon")?.textContent.endsWith(" s")) frames.ask("calendar");
    minute = now;
  }, 1_000);
}

// What people do: with the mouse, the keys, and the command line. The prompt.
function converse({ client, view, item, lines, answer, found }) {
  const menu = new Menu(at("menu"));
  const closePanel = (panel) => {
    panel.close();
    focusBoard();
  };
  const run = async (line) => {
    found.entered(line);
    found.show(line, await lines.run(line));
  };
  const prompt = new Prompt({
    client,
    lines,
    input: at("line"),
    list: at("suggestions"),
    plan: at("plan"),
    onLine: run,
    onTyped: (line) => found.follow(line),
  });
  const carryOut = ({ line, prefill }) => (line ? lines.run(line) : prompt.begin(prefill));
  const open = (code, byKey) => {
    if (item.open(code) && byKey) item.focus();
  };

  function act(name, code, element, byKey = true) {
    const named = view.named(code);
    if (name === "open") return open(code, byKey);
    if (!named) return;
    const actions = actionsOf(view.sections, named.section, named.item);
    if (name === "drop") return lines.run(`drop ${code}`);
    if (name === "update") return prompt.begin(actions.find(({ keys }) => keys === "F2").prefill);
    if (name === "do") return carryOut(actions[Number(element.dataset.number)]);
    if (name === "check") {
      const line = checkLine(view.sections, named.section, named.item);
      return line ? lines.run(line) : open(code, byKey);
    }
    const opener = element.closest("li, section").querySelector(".opener, h2");
    const all = [...actions, { name: "Look closely, with its past", keys: "Enter", open: true }];
    const choose = (action) => (action.open ? open(code, true) : carryOut(action));
    menu.open({ label: `Actions of ${code}`, actions: all, place: element, opener, choose });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const { act: name, line, handle, op, code = button.closest("[data-code]")?.dataset.code } = button.dataset;
    if (name === "line") lines.run(line);
    else if (name === "undo") lines.undo(handle);
    else if (name === "take-back") lines.takeBack(op);
    else if (name === "cancel") lines.cancel(view.only("system").collection.run);
    else if (name === "further") found.further();
    else if (name === "close-item") closePanel(item);
    else if (name === "close-found") closePanel(found);
    else act(name, code, button, event.detail === 0);
  });

  listen({
    act,
    type: () => prompt.focus(),
    search: () => prompt.begin("search "),
    help: () => lines.run("help"),
    undo: () => lines.undo(),
    leave: () => leave({ item, found, answer }),
  });
  return prompt;
}

// Escape: out of the command line first, then what is open goes, one thing at a time.
function leave({ item, found, answer }) {
  const focused = document.activeElement;
  if (focused === at("line")) return focusBoard();
  if (item.code) item.close();
  else if (!at("found").hidden) found.close();
  else if (!answer.isEmpty) answer.clear();
  focusBoard();
}

// Back to the item that was looked at last.
function focusBoard() {
  const stop = document.querySelector('main .opener[tabindex="0"]');
  if (stop) stop.focus();
  else document.activeElement?.blur();
}

const installed = await libraries();
if (installed) begin(installed);

// The page: the client, what is shown of what it holds, and what people do with it.

import { Boards } from "./boards.js";
import { OwnBrief } from "./briefs.js";
import { Changes } from "./changes.js";
import { Client } from "./client.js";
import { converse, focusBoard } from "./converse.js";
import { MINUTE_MS } from "./dates.js";
import { Expiry } from "./expiry.js";
import { Frames, rove } from "./frames.js";
import { install } from "./installed.js";
import { keepLast, LastBoard } from "./last.js";
import { Lines } from "./lines.js";
import { notify } from "./notify.js";
import { Outbox } from "./outbox.js";
import { Page } from "./page.js";
import { Answers } from "./parts/answers.js";
import { SignIn } from "./parts/signin.js";
import { refreshHistory } from "./past.js";
import { Prefs } from "./prefs.js";
import { followWorker, Push } from "./push.js";
import { Session } from "./session.js";
import { Sections } from "./sections.js";
import { openDB } from "./vendor/idb.js";
import { io } from "./vendor/socket.io.js";
import { View } from "./view.js";

const WAITS_AFTER_MS = 1_500; // usual answers come sooner, and a notice would flicker

const at = (id) => document.getElementById(id);
const root = document.documentElement;

export async function begin() {
  let leave = null;
  const session = new Session({ onSignOut: () => leave(), onRenew: () => expiry.look() });
  const person = () => session.person;
  // It connects below, when all listen: the server sends the board at once, and only once.
  const options = { autoConnect: false };
  const client = new Client(io, { url: new URL(".", location.href).href, auth: () => session.hello(), options });
  const view = new View(client.replica, new Sections());
  const push = new Push({ client, changed: () => frames.ask("system") });
  const changed = (same) => {
    frames.ask(...(same ? ["system"] : []));
    push.renew();
  };
  const prefs = new Prefs({ client, person, changed });
  await prefs.begin();
  const page = new Page({ view, link: client.link, prefs, ask: (...names) => frames.ask(...names) });
  const frames = new Frames(at("page"), page);
  const answers = new Answers(at("answer"));
  const outbox = new Outbox({ openDB, person, onFound: (entries) => lines.resume(entries) });
  const onRefused = (line) => palette.keep(line);
  const last = new LastBoard({ openDB, person, replica: client.replica });
  const lines = new Lines({ client, view, frames, answer: answers, outbox, person, onRefused });
  const isMe = (actor, name) => actor === session.actor || (prefs.person !== null && (name ?? actor) === prefs.person);
  page.changes = new Changes({
    client,
    sections: view.sections,
    isOwn: ({ seq, by, name }) => lines.isOwnSeq(seq) || isMe(by, name),
    isWatched: () => !page.wall,
    changed: () => frames.ask("system"),
  });
  page.isMine = (cause) => lines.isOwn(cause) || isMe(cause.actor, cause.name);
  const own = new OwnBrief({ client, changed: () => frames.ask("brief") });
  page.ownBrief = () => own.value;
  page.waiting = () => lines.waiting(client.link.stage === "connected" ? WAITS_AFTER_MS : 0);
  page.keeps = () => outbox.keeps;
  page.ui.tab = prefs.start === "list" ? "list" : "today";
  page.ui.week = prefs.start === "week";
  at("banner").remove();
  at("page").replaceChildren();
  rove(at("page"));
  follow({ client, view, frames, lines, page });
  settle({ client, page, prefs, push, frames });
  keepTime(frames);
  const enter = (token) => {
    if (token) session.token = token;
    lines.leaveToTheirPerson();
    outbox.look();
    client.connect({ anew: true });
  };
  const readAddress = () => {
    const { board } = session;
    const given = session.read();
    if (session.board !== board) return location.reload();
    page.wall = session.wall;
    root.classList.toggle("wall", session.wall);
    frames.ask();
    if (given) enter();
  };
  leave = keepLast({ last, session, push, client, view, page, frames, lines });
  const boards = new Boards({ client, session, changed: () => frames.ask("system") });
  page.boards = () => boards;
  const expiry = new Expiry({ client, session, changed: () => frames.ask("system") });
  page.expiry = () => expiry;
  new SignIn({ client, dialog: at("sign-in"), onToken: enter });
  at("sign-in").addEventListener("close", () => {
    page.complete();
    requestAnimationFrame(() => focusBoard()); // when the board is drawn
  });
  addEventListener("hashchange", readAddress);
  addEventListener("beforeunload", (event) => outbox.wouldLose && event.preventDefault());
  page.wall = session.wall;
  root.classList.toggle("wall", session.wall);
  const { palette, open } = converse({ client, view, page, frames, lines, answers });
  notify({ client, push, show: open });
  followWorker({ client, push, session, boards, open });
  outbox.look();
  client.connect();
  frames.ask();
  install();
}

// What the server sends, to what shows it.
function follow({ client, view, frames, lines, page }) {
  for (const news of ["link", "age"])
    client.addEventListener(news, ({ detail }) => {
      page.link = detail;
      root.dataset.link = detail.stage;
      frames.ask("system");
    });
  root.dataset.link = client.link.stage;
  client.addEventListener("sync", ({ detail }) => {
    page.changes.look();
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
    if (changes.some(({ section }) => view.sections.coded.includes(section))) page.changes.look();
    for (const { section, id, gone } of changes) if (!gone) page.flash(section, id, cause.name ?? cause.actor);
  });
}

// A row that has just been dealt with stays for a moment.
function noteDone(view, page, { section, id, before }) {
  const item = view.item(section, id);
  if (!item || !before || !view.sections.coded.includes(section)) return;
  if (view.sections.isDone(section, item) && !view.sections.isDone(section, before)) page.stay(section, id);
}

// The settings: what the server keeps of them, and what the panel does.
function settle({ client, page, prefs, push, frames }) {
  client.addEventListener("link", ({ detail }) => detail.stage === "connected" && prefs.learn());
  page.prefsAreShared = () => prefs.isShared;
  page.faultPref = (why) => {
    page.ui.prefFault = why ?? "";
    frames.ask();
  };
  page.setPref = async (name, value) => page.faultPref(await prefs.set(name, value));
  page.askToNotify = async (wanted) => {
    page.ui.askingToNotify = wanted; // the browser asks the person, and the page may be drawn meanwhile
    const allowed = wanted && (await Notification.requestPermission()) === "granted";
    page.ui.askingToNotify = false;
    page.setPref("notify", allowed ? { before_min: 5, assigned: true, source: true, brief: true } : null);
    if (!allowed && push.isOn) page.faultPref(await push.turn(false));
  };
  page.push = push;
  page.pushHere = async (wanted) => page.faultPref(await push.turn(wanted));
  page.endPush = async (id) => page.faultPref(await push.end(id));
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

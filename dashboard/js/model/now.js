// What the stage says: what is next or running, in how many minutes, and what one would want to know for it.

import { dayOf, MINUTE_MS, startOf } from "../dates.js";
import { say } from "../words.js";
import { isBusy, span, timeline, workBegins } from "./day.js";

const SOON_MS = 15 * MINUTE_MS; // before that, what runs comes first
const LATE_MS = 5 * MINUTE_MS; // for so long after its start a meeting is the thing to go to

// {kind, minutes, event?, running?, next?, priority?, clashes, meetings, freeMs} of now. Kinds: next, began, running,
// free, over, none.
export function now({ events, conflicts, priorities, at }) {
  const today = dayOf(at);
  const { blocks, clashes, rooms, meetings, freeMs } = timeline(events, today, at, conflicts);
  const mine = blocks.filter(isBusy);
  const running = mine.filter(({ from, to }) => from <= at && at < to);
  const next = mine.find(({ from }) => from > at) ?? null;
  const began = running.findLast(({ from }) => at - from < LATE_MS) ?? null;
  const current = running.at(-1) ?? null;
  const ahead = clashes.filter(({ to }) => to > at);
  const all = { clashes: ahead, meetings, freeMs, rooms, running: current, next };
  if (began) return { ...all, kind: "began", event: began, minutes: Math.floor((at - began.from) / MINUTE_MS) };
  if (next && (next.from - at <= SOON_MS || !current)) return { ...all, ...beforeNext(next, at, priorities) };
  if (current) return { ...all, kind: "running", event: current, minutes: minutes(current.to - at) };
  return { ...all, kind: mine.length ? "over" : "none", minutes: mine.length, tomorrow: firstAfter(events, today) };
}

const minutes = (leftMs) => Math.max(0, Math.ceil(leftMs / MINUTE_MS));

function beforeNext(next, at, priorities) {
  const left = minutes(next.from - at);
  const isEarly = at < workBegins(startOf(dayOf(at))); // before the working day nothing is to be done yet
  if (left <= SOON_MS / MINUTE_MS || isEarly || priorities.length === 0) return { kind: "next", event: next, minutes: left };
  const [first] = priorities; // without an estimate nobody knows whether it fits, so it keeps its place
  const priority = first.minutes > left ? (priorities.find((item) => item.minutes && item.minutes <= left) ?? first) : first;
  const fits = Boolean(priority.minutes) && priority.minutes <= left;
  return { kind: "free", event: next, minutes: left, priority, fits };
}

function firstAfter(events, today) {
  const later = Array.from(events, span).filter((event) => event.first > today && !event.allDay && isBusy(event));
  return later.sort((one, other) => one.from - other.from)[0] ?? null;
}

// The open commitments with those who come to an event: {owe, owed}.
export function openWith(event, commitments, isDone) {
  const names = (event.item.attendees ?? []).map(nameOf);
  const comes = (item) => names.some((name) => isSame(name, whoOf(item)));
  const open = commitments.filter((item) => !isDone(item) && comes(item));
  return {
    owe: open.filter(({ direction }) => direction === "owe"),
    owed: open.filter(({ direction }) => direction === "owed"),
  };
}

// A name without its address: "Ana Lima <ana@example.org>", "ana@example.org".
export function nameOf(said) {
  const name = String(said)
    .replace(/<[^>]*>/, "")
    .replace(/^@/, "")
    .trim();
  return (name || String(said).replace(/[<>]/g, "")).replace(/@.*$/, "").trim();
}

// Whom a commitment is with, by the one name that the server gives them; "" for nobody.
// Notes write "@ana"; "de Vries" stays as it is.
export function whoOf({ person, assignee }) {
  const name = nameOf(person || assignee || "");
  return /\s/.test(name) ? name : name.charAt(0).toUpperCase() + name.slice(1);
}

export const firstName = (said) => nameOf(said).split(/[\s.]+/)[0];

// Whether an attendee goes by one of these names or addresses.
export function isOneOf(attendee, names) {
  const address = addressOf(attendee);
  return names.some((name) => {
    const other = addressOf(name);
    return address && other ? address === other : isSame(nameOf(attendee), nameOf(name));
  });
}

const addressOf = (said) => /[^\s<>]+@[^\s<>]+/.exec(String(said))?.[0].toLowerCase() ?? "";

// "Ana" is meant by "Ana Lima"; "Ana Silva" is not.
function isSame(one, other) {
  const [a, b] = [one, other].map((name) =>
    name
      .toLowerCase()
      .split(/[\s.]+/)
      .filter(Boolean),
  );
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return short.length > 0 && short.every((word, at) => word === long[at]);
}

// "Marcus, Priya and Ana"; of many the first ones and how many more. `me` are the names and addresses of who looks, who
// needs not be told that they are there.
export function company(attendees, me = [], most = 3) {
  const names = attendees.filter((one) => !isOneOf(one, me)).map(firstName);
  if (names.length <= most) return say.and(names);
  return say.andMore(names.slice(0, most).join(", "), names.length - most);
}

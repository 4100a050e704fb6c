// Priorities by when they are due, commitments by person: as people think of them.

import { dayOf, daysBetween, MINUTE_MS, ms, weekdayNumber } from "../dates.js";
import { whoOf } from "./now.js";

// In the order in which they are shown. `folded` ones stand at the foot until they are opened.
export const GROUPS = [
  { name: "overdue" },
  { name: "today" },
  { name: "week" },
  { name: "any" },
  { name: "later", folded: true },
  { name: "snoozed", folded: true },
  { name: "done", folded: true },
];

// Map of group name to its items. `stays(item)` says of one that was just done that it stays where it was.
export function byDue(items, now, isDone, stays) {
  const today = dayOf(now);
  const left = 6 - weekdayNumber(now); // days of this week after today, which ends on Sunday
  const groups = new Map(GROUPS.map(({ name }) => [name, []]));
  for (const item of items) groups.get(groupOf(item, { now, today, left, isDone, stays })).push(item);
  return groups;
}

function groupOf(item, { now, today, left, isDone, stays }) {
  if (isDone(item) && !stays(item)) return "done";
  if (item.status === "snoozed") return "snoozed";
  const due = ms(item.due_date);
  if (Number.isNaN(due)) return "any";
  const distance = daysBetween(today, dayOf(due));
  if (distance < 0 || (distance === 0 && item.due_date.length > 10 && due < now)) return "overdue";
  if (distance === 0) return "today";
  return distance <= Math.max(left, 1) ? "week" : "later"; // on a Sunday tomorrow counts
}

const UNKNOWN_MIN = 30; // what takes nobody knows how long

// How long the open items of a group take, in ms, and how many of them say so.
export function planned(items, isDone) {
  const open = items.filter((item) => !isDone(item));
  const minutes = open.reduce((sum, item) => sum + (item.minutes ?? UNKNOWN_MIN), 0);
  return { ms: minutes * MINUTE_MS, known: open.filter((item) => item.minutes).length };
}

// People with what is open between you, the most pressing first: {name, waits: what you owe, owes: what they owe, first};
// `name` is "" for what names nobody.
export function byPerson(items) {
  const people = new Map();
  for (const item of items) {
    const name = whoOf(item);
    const key = name.toLowerCase();
    if (!people.has(key)) people.set(key, { key, name, waits: [], owes: [] });
    const person = people.get(key);
    (item.direction === "owe" ? person.waits : person.owes).push(item);
  }
  const sorted = [...people.values()].map((person) => ({
    ...person,
    first: earliest([...person.waits, ...person.owes]),
  }));
  return sorted.sort(
    (one, other) => compare(dueKey(one.first), dueKey(other.first)) || compare(one.key, other.key),
  );
}

const dueKey = ({ due_date: due }) => (due ?? "9999").replace(/Z$/, "");
const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
const earliest = (items) => items.reduce((first, item) => (dueKey(item) < dueKey(first) ? item : first));

// Two letters for a name, or the first sign of one that is not written with letters that have cases.
export function initials(name) {
  const words = name.split(/[\s.]+/).filter(Boolean);
  const first = [...(words[0] ?? "")][0] ?? "?";
  if (first.toLowerCase() === first.toUpperCase()) return first;
  const second = words.length > 1 ? [...words.at(-1)][0] : "";
  return (first + second).toUpperCase();
}

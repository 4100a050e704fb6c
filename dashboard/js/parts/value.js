// A field's value as people say it.

import { dayAndTime } from "../dates.js";
import { say } from "../words.js";

const INSTANTS = ["start", "end", "due_date", "snoozed_until", "expires_at"];

// due_date: "Due date"
export function words(name) {
  const said = name.replaceAll("_", " ");
  return said[0].toUpperCase() + said.slice(1);
}

// A value as people say it.
export function told(name, value, at) {
  if (value === null || value === undefined) return say.noneSet;
  if (name === "status") return say.statuses[value] ?? String(value);
  if (name === "urgency") return say.urgencies[value] ?? String(value);
  if (name === "answer") return say.answers[value] ?? String(value);
  if (name === "direction") return say.directions[value] ?? String(value);
  if (name === "minutes") return `${value} min`;
  if (name === "held") return value.map((field) => say.fields[field] ?? words(field)).join(", ").toLowerCase();
  if (Array.isArray(value)) return value.map((one) => told("", one, at)).join(", ");
  if (typeof value === "boolean") return value ? say.yes : say.no;
  if (typeof value === "object") return JSON.stringify(value);
  return (INSTANTS.includes(name) && dayAndTime(value, at)) || String(value);
}

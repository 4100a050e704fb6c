// Dates and times as people say them, in the person's zone and language. On the wire an instant is RFC 3339 in UTC, a date
// YYYY-MM-DD.

import { locale, say } from "./words.js";

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
const QUARTER_MS = 15 * MINUTE_MS; // no zone's offset changes within one

const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

// Found out when it is first asked for: the first use of Intl takes a while, in which the connection can be made.
let zone = null;
let offsets = new Map(); // the beginning of a quarter of an hour, in ms -> ms that this zone is ahead of UTC
const formats = new Map(); // made once: to make one takes longer than to use it a hundred times

// The zone in which days and hours are told; the browser's when this one is not known to it.
export function liveIn(wanted) {
  const known = wanted && isZone(wanted) ? wanted : browserZone();
  if (known === zone) return;
  zone = known;
  offsets = new Map();
}

export const zoneName = () => (zone ??= browserZone());

const zones = new Map(); // name -> whether it is one: each drawing asks, and to try it takes a millisecond

export function isZone(name) {
  if (!zones.has(name)) zones.set(name, isKnown(name));
  return zones.get(name);
}

function isKnown(name) {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

function formatOf(options) {
  const key = `${locale} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, options));
  return formats.get(key);
}

const CLOCK = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", hourCycle: "h23" };

// How far a zone is ahead of UTC at this moment.
function aheadIn(timeZone, when) {
  const parts = {};
  const key = `clock ${timeZone}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-US", { ...CLOCK, calendar: "gregory", timeZone }));
  for (const { type, value } of formats.get(key).formatToParts(when)) parts[type] = Number(value);
  const { year, month, day, hour, minute } = parts;
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(when / MINUTE_MS) * MINUTE_MS;
}

// A day that ends as far ahead as it began is so all day: to ask for each quarter costs a first drawing 20 ms.
function ahead(when) {
  if (Number.isNaN(when)) return NaN;
  const begin = Math.floor(when / DAY_MS) * DAY_MS;
  const offset = offsetAt(begin);
  return offset === offsetAt(begin + DAY_MS) ? offset : offsetAt(Math.floor(when / QUARTER_MS) * QUARTER_MS);
}

function offsetAt(begin) {
  if (!offsets.has(begin)) {
    if (offsets.size > 20_000) offsets.clear();
    offsets.set(begin, aheadIn(zoneName(), begin));
  }
  return offsets.get(begin);
}

const two = (number) => String(number).padStart(2, "0");

export const isDate = (wire) => /^\d{4}-\d{2}-\d{2}$/.test(wire ?? "");

// The instant in ms, a date as the beginning of that day here; NaN for anything else.
export function ms(wire) {
  if (!wire) return NaN;
  return isDate(wire) ? startOf(wire) : Date.parse(wire);
}

// The day on which it falls for the person, as YYYY-MM-DD.
export function dayOf(when) {
  const at = Number(when);
  return Number.isNaN(at) ? "" : new Date(at + ahead(at)).toISOString().slice(0, 10);
}

// 09:30
export const clock = (when) => hourAndMinute(Number(when) + ahead(Number(when)));

// 03:30, as it is in another zone.
export const clockIn = (timeZone, when) => hourAndMinute(Number(when) + aheadIn(timeZone, Number(when)));

function hourAndMinute(local) {
  if (Number.isNaN(local)) return "";
  const date = new Date(local);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

// "New York" of "America/New_York"; three letters of it for the head of a column.
export const cityOf = (timeZone) => timeZone.split("/").at(-1).replaceAll("_", " ");
export const shortCity = (timeZone) => {
  const words = cityOf(timeZone).split(" ");
  return (words.length > 1 ? words.map((word) => word[0]).join("") : words[0].slice(0, 3)).toUpperCase();
};

// The weekday here, Monday being 0.
export const weekdayNumber = (when) => (new Date(Date.parse(`${dayOf(when)}T00:00:00Z`)).getUTCDay() + 6) % 7;

const number = (day) => Date.parse(`${day}T00:00:00Z`) / DAY_MS;

// When a day begins here, or one so many days after it: a day has 23 or 25 hours when the clocks are changed.
export function startOf(day, later = 0) {
  const midnight = Date.parse(`${day}T00:00:00Z`) + later * DAY_MS;
  if (Number.isNaN(midnight)) return NaN;
  const guess = midnight - ahead(midnight);
  const begin = midnight - ahead(guess);
  // Where midnight is skipped, the day begins with the hour after it.
  return dayOf(begin) < new Date(midnight).toISOString().slice(0, 10) ? Math.max(guess, begin) : begin;
}

// The day so many days after it.
export const dayAfter = (day, days = 1) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

// How many days from one YYYY-MM-DD to another.
export const daysBetween = (from, to) => Math.round(number(to) - number(from));

// A day is a date without a zone, hence UTC.
const said = (day, options) => formatOf({ ...options, timeZone: "UTC" }).format(Date.parse(`${day}T00:00:00Z`));

// Today, Tomorrow, Yesterday, `Wed 5 Aug`, or `5 Aug 2027` in another year.
export function dayName(day, today) {
  const near = nearDay(day, today);
  if (near) return near[0].toUpperCase() + near.slice(1);
  const same = day.slice(0, 4) === today.slice(0, 4);
  const options = same ? { weekday: "short", day: "numeric", month: "short" } : { day: "numeric", month: "short", year: "numeric" };
  return said(day, options).replaceAll(",", "");
}

// The same within a sentence: today, tomorrow, yesterday are no names there.
export const dayWithin = (day, today) => nearDay(day, today) ?? dayName(day, today);

// today, tomorrow, yesterday; null for any other day.
function nearDay(day, today) {
  const distance = daysBetween(today, day);
  if (Math.abs(distance) > 1) return null;
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(distance, "day");
}

// today 09:30, tomorrow, `Wed 5 Aug 14:00`; "" for what is no time.
export function dayAndTime(wire, now) {
  const when = ms(wire);
  if (Number.isNaN(when)) return "";
  const [on, today] = [dayOf(when), dayOf(now)];
  const day = nearDay(on, today) ?? dayName(on, today);
  return isDate(wire) ? day : `${day} ${clock(when)}`;
}

// just now, 3 min ago, 2 h ago, 4 days ago; never when there was none.
export function age(wire, now) {
  const when = ms(wire);
  if (Number.isNaN(when)) return say.never;
  const minutes = Math.floor((now - when) / MINUTE_MS);
  if (minutes < 1) return say.justNow;
  if (minutes < 60) return say.minutesAgo(minutes);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? say.hoursAgo(hours) : say.daysAgo(Math.floor(hours / 24));
}

// 45 min, 2 h, 2 h 30
export function duration(lengthMs) {
  const minutes = Math.round(lengthMs / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${two(minutes % 60)}` : `${minutes / 60} h`;
}

// Mon
export const weekday = (day) => said(day, { weekday: "short" }).replace(".", "");

// ["Monday", "30 November"]
export function wholeDay(day) {
  return [said(day, { weekday: "long" }), said(day, { day: "numeric", month: "long" })];
}

// What a row says of its due date: {text, state}, where its group says the rest: "since Fri", "by 10:00", "Tue", "5 Aug".
export function dueShort({ due_date }, now) {
  const when = ms(due_date);
  if (Number.isNaN(when)) return null;
  const day = dayOf(when);
  const today = dayOf(now);
  const distance = daysBetween(today, day);
  const year = day.slice(0, 4) === today.slice(0, 4) ? {} : { year: "numeric" };
  const name = Math.abs(distance) < 7 ? weekday(day) : said(day, { day: "numeric", month: "short", ...year });
  const over = isDate(due_date) ? distance < 0 : when <= now;
  if (over) return { text: say.since(distance < 0 ? name : clock(when)), state: "overdue" };
  if (distance === 0) return { text: isDate(due_date) ? say.today : say.by(clock(when)), state: "today" };
  return { text: isDate(due_date) ? name : `${name} ${clock(when)}`, state: "later" };
}

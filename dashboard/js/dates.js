// Dates and times as people say them, in the zone of the browser. On the wire an instant is RFC 3339 in UTC, a date
// YYYY-MM-DD.

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

// Made once: to make one takes longer than to use it a hundred times. A day is a date without a zone, hence UTC.
const LANGUAGE = "en-GB";
const NEAR_DAY = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const DAY = new Intl.DateTimeFormat(LANGUAGE, {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const FAR_DAY = new Intl.DateTimeFormat(LANGUAGE, {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

const two = (number) => String(number).padStart(2, "0");

export const isDate = (wire) => /^\d{4}-\d{2}-\d{2}$/.test(wire ?? "");

// The instant in ms, a date as the beginning of that day here; NaN for anything else.
export function ms(wire) {
  if (!wire) return NaN;
  return isDate(wire) ? new Date(`${wire}T00:00:00`).getTime() : Date.parse(wire);
}

// The day on which it falls for the person, as YYYY-MM-DD.
export function dayOf(when) {
  const date = new Date(when);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

// 09:30
export function clock(when) {
  const date = new Date(when);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

const number = (day) => Date.parse(`${day}T00:00:00Z`) / DAY_MS;

// When a day begins here, or one so many days after it: a day has 23 or 25 hours when the clocks are changed.
export function startOf(day, later = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).getTime();
}

// The day so many days after it.
export const dayAfter = (day, days = 1) => dayOf(startOf(day, days));

// How many days from one YYYY-MM-DD to another.
export const daysBetween = (from, to) => Math.round(number(to) - number(from));

// Today, Tomorrow, Yesterday, `Wed 5 Aug`, or `5 Aug 2027` in another year.
export function dayName(day, today) {
  const near = nearDay(day, today);
  if (near) return near[0].toUpperCase() + near.slice(1);
  const format = day.slice(0, 4) === today.slice(0, 4) ? DAY : FAR_DAY;
  return format.format(Date.parse(`${day}T00:00:00Z`)).replaceAll(",", "");
}

// today, tomorrow, yesterday; null for any other day.
function nearDay(day, today) {
  const distance = daysBetween(today, day);
  return Math.abs(distance) <= 1 ? NEAR_DAY.format(distance, "day") : null;
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
  if (Number.isNaN(when)) return "never";
  const minutes = Math.floor((now - when) / MINUTE_MS);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

// in 45 s, in 12 min, in 3 h 5 min
export function countdown(leftMs) {
  if (leftMs < MINUTE_MS) return `in ${Math.max(0, Math.ceil(leftMs / 1000))} s`;
  const minutes = Math.ceil(leftMs / MINUTE_MS);
  if (minutes < 60) return `in ${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `in ${hours} h ${minutes % 60} min` : `in ${hours} h`;
}

// 45 min, 2 h, 2 h 30
export function duration(lengthMs) {
  const minutes = Math.round(lengthMs / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60}` : `${minutes / 60} h`;
}

const WEEKDAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: "short" });
const WHOLE_DAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: "long", day: "numeric", month: "long" });

// Mon
export const weekday = (day) => WEEKDAY.format(startOf(day));

// ["Monday", "30 November"]
export function wholeDay(day) {
  const parts = WHOLE_DAY.formatToParts(startOf(day));
  const at = parts.findIndex(({ type }) => type === "weekday");
  const rest = parts.filter((part, number) => number > at + 1).map(({ value }) => value);
  return [parts[at].value, rest.join("")];
}

// What a row says of its due date: {text, state}, where its group says the rest: "since Fri", "by 10:00", "Tue", "5 Aug".
export function dueShort({ due_date }, now) {
  const when = ms(due_date);
  if (Number.isNaN(when)) return null;
  const day = dayOf(when);
  const distance = daysBetween(dayOf(now), day);
  const name = Math.abs(distance) < 7 ? weekday(day) : dayName(day, dayOf(now)).replace(/^\p{L}+ (?=\d)/u, "");
  const over = isDate(due_date) ? distance < 0 : when <= now;
  if (over) return { text: distance < 0 ? `since ${name}` : `since ${clock(when)}`, state: "overdue" };
  if (distance === 0) return { text: isDate(due_date) ? "today" : `by ${clock(when)}`, state: "today" };
  return { text: isDate(due_date) ? name : `${name} ${clock(when)}`, state: "later" };
}

// How a due date stands: {text, state: "overdue"|"today"|"later"}, or null without one.
export function due({ due_date, status }, now) {
  const when = ms(due_date);
  if (Number.isNaN(when)) return null;
  const said = dayAndTime(due_date, now);
  const over = isDate(due_date) ? due_date < dayOf(now) : when <= now;
  if (over || status === "overdue") return { text: `overdue ${said}`, state: "overdue" };
  const today = dayOf(when) === dayOf(now);
  return { text: `due ${said}`, state: today ? "today" : "later" };
}

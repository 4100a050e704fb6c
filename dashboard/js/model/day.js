// One day of the calendar as a timeline: what takes all of it, blocks as long as their meetings, who stands beside whom,
// where two are at once, and where there is room.

import { clock, dayAfter, dayOf, DAY_MS, daysBetween, isDate, MINUTE_MS, ms, startOf, weekdayNumber, zoneName } from "../dates.js";
import { say } from "../words.js";

const HOUR_MS = 60 * MINUTE_MS;
const SHORTEST_MS = 15 * MINUTE_MS; // a block is never lower: there must be room for a line
const ROOM_MS = 30 * MINUTE_MS; // less than this is no free time
const LABEL_MS = 15 * MINUTE_MS; // as high as a line of small letters
let work = { from: 9, to: 19, on: () => null }; // always shown

// The hours of a working day, which a day shows even when they are empty; `on(weekday)` says when one works on it: [start, end]
// in hours, or null. Monday is 0.
export const workFrom = (from, to, on) => (work = { from, to, on });

// When work begins on a day that begins then.
export const workBegins = (begin) => begin + work.from * HOUR_MS;

const spans = new WeakMap();

// When an event begins and ends, in ms and in days; made once for an item and a zone.
export function span(item) {
  let found = spans.get(item);
  if (found?.zone !== zoneName()) {
    const from = ms(item.start);
    const end = ms(item.end);
    const allDay = isDate(item.start);
    const to = Number.isNaN(end) ? (allDay ? nextDay(from) : from) : Math.max(end, from);
    // The end of a whole day is the first day after it; at midnight sharp an event belongs to the day before.
    found = { item, from, to, allDay, first: dayOf(from), last: dayOf(Math.max(from, to - 1)), zone: zoneName() };
    spans.set(item, found);
  }
  return found;
}

const LONG_DAYS = 31; // what lasts longer is not listed day by day
const indexes = new WeakMap(); // list -> {zone, days: day -> spans, long: spans}

// The events of a list that touch a day; the list is looked through once, as long as it is the same.
function on(items, day) {
  let index = indexes.get(items);
  if (index?.zone !== zoneName()) indexes.set(items, (index = indexed(items)));
  const long = index.long.filter(({ first, last }) => first <= day && last >= day);
  return [...(index.days.get(day) ?? []), ...long];
}

function indexed(items) {
  const [days, long] = [new Map(), []];
  const add = (day, event) => (days.has(day) ? days.get(day).push(event) : days.set(day, [event]));
  for (const event of Array.from(items, span)) {
    const { first, last } = event;
    if (first === last) add(first, event);
    else if (daysBetween(first, last) > LONG_DAYS) long.push(event);
    else for (let day = first; day <= last; day = dayAfter(day)) add(day, event);
  }
  return { zone: zoneName(), days, long };
}

const nextDay = (from) => from + DAY_MS;

// Whether it takes the person's time: what is cancelled, declined or marked as free does not.
export function isBusy({ item }) {
  return !isOff(item) && item.busy !== false;
}

// Declined or cancelled: it stands there, and asks for nothing.
export const isOff = ({ status, answer }) => status === "cancelled" || answer === "declined";

// {strip, past, blocks, clashes, unlisted, rooms, from, to, meetings, freeMs} of a day YYYY-MM-DD; `conflicts` are the server's. With
// `near` what is over is in `past`, and the hours begin after it.
export function timeline(items, day, now, conflicts = [], near = false) {
  const begin = startOf(day);
  const end = startOf(day, 1);
  const here = on(items, day).filter(({ from, to }) => (to > begin || from >= begin) && from < end);
  const timed = here.filter((event) => !event.allDay && !(event.from <= begin && event.to >= end));
  const strip = here.filter((event) => !timed.includes(event));
  const since = near ? pastUntil(timed, begin, now) : begin;
  const past = timed.filter(({ from, to }) => Math.max(to, from + SHORTEST_MS) <= since);
  const all = timed.map((event) => block(event, begin, end));
  const blocks = inLanes(all.filter(({ bottom }) => bottom > since));
  const busy = all.filter(isBusy);
  const hours = shownHours(begin, blocks);
  const [from, to] = [Math.max(hours.from, since), hours.to];
  return {
    strip,
    past,
    blocks,
    clashes: clashes(conflicts, here, begin, end),
    unlisted: unlisted(conflicts, begin, end),
    rooms: labelled(rooms(busy, Math.max(now, workBegins(begin)), begin, end), blocks),
    from,
    to,
    meetings: busy.length,
    freeMs: freeMs(here.filter(isBusy), begin, now),
  };
}

// The last whole hour at least half an hour ago at which nothing was running.
function pastUntil(timed, begin, now) {
  const hours = Math.floor((now - begin - HOUR_MS / 2) / HOUR_MS);
  for (let hour = begin + hours * HOUR_MS; hour > begin; hour -= HOUR_MS)
    if (!timed.some(({ from, to }) => from < hour && to > hour)) return hour;
  return begin;
}

function block(event, begin, end) {
  const top = Math.max(event.from, begin);
  const bottom = Math.min(Math.max(event.to, event.from + SHORTEST_MS), end);
  return { ...event, top: Math.min(top, end - SHORTEST_MS), bottom };
}

// Overlapping blocks stand side by side: each gets the first lane that is free, and its cluster says how many there are.
function inLanes(blocks) {
  const sorted = [...blocks].sort(
    (one, other) => one.top - other.top || isOff(one.item) - isOff(other.item) || other.bottom - one.bottom,
  );
  let cluster = [];
  let until = -Infinity;
  const close = () => {
    const lanes = Math.max(0, ...cluster.map(({ lane }) => lane + 1));
    for (const one of cluster) Object.assign(one, { lanes, wide: widthOf(one, cluster, lanes) });
    cluster = [];
  };
  const ends = [];
  for (const one of sorted) {
    if (one.top >= until) {
      close();
      ends.length = 0;
    }
    const free = ends.findIndex((bottom) => bottom <= one.top);
    one.lane = free < 0 ? ends.length : free;
    ends[one.lane] = one.bottom;
    until = Math.max(until, one.bottom);
    cluster.push(one);
  }
  close();
  return sorted;
}

// How many lanes a block takes: those to its right too, as long as nothing stands there at its time.
function widthOf(one, cluster, lanes) {
  const meets = ({ top, bottom }) => top < one.bottom && bottom > one.top;
  const right = cluster.filter((other) => other.lane > one.lane && meets(other)).map(({ lane }) => lane);
  return Math.min(lanes, ...right) - one.lane;
}

// What stands in so many columns that a title can be read in each: {blocks, piles}. Where more meet, the last column holds them
// as piles, {key, top, bottom, lane, lanes, wide, blocks}: one for the meetings that follow or cover one another.
export function inColumns(all, most) {
  const blocks = [];
  const piles = [];
  for (const block of all) {
    const lanes = Math.min(block.lanes, most);
    if (block.lanes <= most) blocks.push(block);
    else if (block.lane < most - 1) blocks.push({ ...block, lanes, wide: Math.min(block.wide, most - 1 - block.lane) });
    else {
      const last = piles.at(-1);
      if (last && block.top < last.bottom) {
        last.blocks.push(block);
        last.bottom = Math.max(last.bottom, block.bottom);
      } else piles.push({ key: `pile ${block.top}`, top: block.top, bottom: block.bottom, lane: most - 1, lanes, wide: 1, blocks: [block] });
    }
  }
  const isOne = (pile) => pile.blocks.length === 1;
  blocks.push(...piles.filter(isOne).map(({ blocks: [block], ...place }) => ({ ...block, ...place })));
  return { blocks: blocks.sort((one, other) => one.top - other.top), piles: piles.filter((pile) => !isOne(pile)) };
}

// From whole hour to whole hour; a day that goes on longer is longer.
function shownHours(begin, blocks) {
  const hour = (at) => Math.round(at / HOUR_MS) * HOUR_MS;
  const first = Math.min(...blocks.map(({ top }) => top), begin + work.from * HOUR_MS);
  const last = Math.max(...blocks.map(({ bottom }) => bottom), begin + work.to * HOUR_MS);
  return { from: hour(first - HOUR_MS / 2 + 1), to: hour(last + HOUR_MS / 2 - 1) };
}

// How many conflicts the server does not list, where its list ends on this day.
function unlisted(conflicts, begin, end) {
  const last = conflicts.at(-1);
  return last?.left_out && ms(last.start) < end && ms(last.end) > begin ? last.left_out : 0;
}

// The times of this day at which the person is expected twice: {from, to, events}.
function clashes(conflicts, here, begin, end) {
  const known = new Map(here.map((event) => [event.item.id, event]));
  return conflicts.flatMap(({ start, end: until, events: ids }) => {
    const [from, to] = [ms(start), ms(until)];
    const events = ids.map((id) => known.get(id));
    return from < end && to > begin && events.every(Boolean) ? [{ from, to, events }] : [];
  });
}

// Clashes that meet are one: {from, to, events, most}, `most` being how many there are at once.
export function stretches(clashes) {
  const found = [];
  for (const { from, to, events } of [...clashes].sort((one, other) => one.from - other.from)) {
    const last = found.at(-1);
    if (last && from < last.to) Object.assign(last, { to: Math.max(last.to, to), events: [...new Set([...last.events, ...events])] });
    else found.push({ from, to, events });
  }
  const runs = (events, at) => events.filter(({ from, to }) => from <= at && at < to).length;
  return found.map((one) => ({ ...one, most: Math.max(2, ...one.events.map(({ from }) => runs(one.events, from))) }));
}

// Between meetings, from a moment on, and after the last one until work ends: a night is not free time.
function rooms(busy, since, begin, end) {
  const found = [];
  let free = since;
  for (const { from, to } of [...busy].sort((one, other) => one.from - other.from)) {
    if (from >= end) break;
    if (from - free >= ROOM_MS) found.push({ from: free, to: from });
    free = Math.max(free, to);
  }
  const hours = work.on(weekdayNumber(begin));
  const home = hours ? begin + hours[1] * HOUR_MS : 0;
  if (busy.length > 0 && home - free >= ROOM_MS) found.push({ from: free, to: home });
  return found;
}

// Each with `bare`: since when it is to be seen, or null: what is declined or cancelled may cover its beginning, or all.
function labelled(rooms, blocks) {
  return rooms.map((room) => {
    let at = room.from;
    for (const { top, bottom } of blocks) if (top < at + LABEL_MS && bottom > at) at = bottom;
    return { ...room, bare: at + LABEL_MS <= room.to ? at : null };
  });
}

// What is left of the working hours that nothing takes: as `day:get` counts, so that the terminal and a brief say the same.
function freeMs(busy, begin, now) {
  const hours = work.on(weekdayNumber(begin));
  if (!hours) return 0;
  const [from, to] = hours.map((hour) => begin + hour * HOUR_MS);
  let [at, free] = [Math.max(from, now), 0];
  for (const one of [...busy].sort((one, other) => one.from - other.from)) {
    free += Math.max(0, Math.min(one.from, to) - at);
    at = Math.max(at, one.to);
  }
  return free + Math.max(0, to - at);
}

// "09:15–09:55"; of an event that comes from the day before or goes on into the next one what of it is on this day.
export function hours({ from, to, allDay, first, last }, day = first) {
  if (allDay || (day > first && day < last)) return say.allDay;
  if (day > first) return say.until(clock(to));
  return last > first || to <= from ? clock(from) : `${clock(from)}–${clock(to)}`;
}

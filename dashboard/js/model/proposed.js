// Proposals: what a letter alone does with them, and their lines as sentences.

import { dayAndTime } from "../dates.js";
import { say } from "../words.js";

// {a, x}, each {line, help}; nothing while nothing is proposed. They stand for the one that was looked at last, or the first.
export function proposalKeys(proposals, root) {
  const looked = root.querySelector('#proposals .opener[tabindex="0"]')?.closest("[data-code]").dataset.code;
  const waiting = proposals.filter((item) => !item.going);
  const item = waiting.find(({ code }) => code === looked) ?? waiting[0];
  if (!item) return {};
  return {
    a: { line: `approve ${item.code}`, help: inWords(item.line, "", Date.now()) },
    x: { line: `drop ${item.code}`, help: say.alone.dismisses(item.line) },
  };
}

const DATE = /\b\d{4}-\d{2}-\d{2}(?:T[\d:]+Z?)?\b/;

// A proposed line as people would say it; the line itself where it is none of the common ones. `subject` is what the item
// that it changes says.
export function inWords(line, subject, at) {
  const words = say.lineWords;
  const [, kind, said] = /^add\s+(owe|owed|priority)\s+(.+)$/is.exec(line) ?? [];
  if (kind) return added(kind.toLowerCase(), said, at);
  const [, verb, rest = ""] = /^(\S+)(?:\s+[A-Z]\d+)?(?:\s+(.+))?$/s.exec(line) ?? [];
  const what = subject ?? "";
  const when = () => (DATE.test(rest) ? rest.replace(DATE, (wire) => dayAndTime(wire, at)) : rest);
  if (!what) return line;
  if (/^(?:done|complete|approve)$/i.test(verb)) return words.done(what);
  if (/^drop$/i.test(verb)) return words.drop(what);
  if (/^snooze$/i.test(verb)) return words.snooze(what, when());
  if (/^due$/i.test(verb)) return words.due(what, when());
  return /^update$/i.test(verb) ? words.update(what, unquoted(rest)) : line;
}

function added(kind, said, at) {
  const words = say.lineWords;
  const [, text, due] = /^(.*?)(?:\s+by\s+(\S+))?$/s.exec(said);
  const [, who, what] = /^@?([^:"]{1,40}):\s+(.*)$/s.exec(text) ?? [];
  const plain = unquoted(what ?? text).replace(/(^|\s)@(?=\p{L})/gu, "$1");
  const sentence = who
    ? (kind === "owe" ? words.oweTo : words.owedBy)(who, plain)
    : { owe: words.owe, owed: words.owed, priority: words.priority }[kind](plain);
  return due ? words.by(sentence, DATE.test(due) ? dayAndTime(due, at) : due) : sentence;
}

const unquoted = (text) => (/^"[^"]*"$/s.test(text) ? text.slice(1, -1) : text);

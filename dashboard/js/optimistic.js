// What a line will do at once, as far as it is plain: the server's word replaces it in a moment.

const CODES = /^[a-z]\d+(?:[\s,]+[a-z]\d+)*$/i;

const OUTCOMES = {
  done: completed,
  reopen: opened,
  drop: () => ({ gone: true }),
};
const WORDS = { approve: "done", complete: "done", done: "done", reopen: "reopen", drop: "drop" };

// The effects for View.foretell; none where only the server knows.
export function foretell(line, view) {
  if (line.includes('"')) return [];
  return line.split("|").flatMap((step) => ofStep(step.trim(), view));
}

function ofStep(step, view) {
  const [, word, rest] = /^(\S+)\s+(.*)$/s.exec(step) ?? [];
  const outcome = OUTCOMES[WORDS[word?.toLowerCase()]];
  if (outcome && CODES.test(rest)) {
    return rest.split(/[\s,]+/).flatMap((code) => effect(view, code, outcome));
  }
  const [, code, said] = /^(\S+)\s+(.*)$/s.exec(rest ?? "") ?? [];
  if (!code || !CODES.test(code)) return [];
  if (word.toLowerCase() === "snooze") return effect(view, code, snoozed);
  if (word.toLowerCase() === "update") return effect(view, code, (found) => updated(found, view, said));
  return [];
}

function effect(view, code, outcome) {
  const found = view.named(code);
  const how = found && outcome(found, view);
  if (!how) return [];
  const { section, item } = found;
  return [{ section, id: item.id, ...(how.gone ? how : { set: how }) }];
}

function completed({ section, item }, { sections }) {
  if (section === "proposals") return { gone: true };
  return sections.isDone(section, item) === false ? sections.asDone(section, true) : null;
}

function opened({ section, item }, { sections }) {
  const closed = sections.isDone(section, item) || isSnoozed(section, item);
  return closed ? sections.asDone(section, false) : null;
}

const isSnoozed = (section, { status }) => section === "priorities" && status === "snoozed";

const snoozed = ({ section, item }) =>
  section === "priorities" && item.status === "open" ? { status: "snoozed" } : null;
const updated = ({ section }, { sections }, said) => ({ [sections.get(section).headline]: said });

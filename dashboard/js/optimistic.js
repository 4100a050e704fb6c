// What a line will do at once, as far as it is plain: the server's word replaces it in a moment.

const CODES = /^[a-z]\d+(?:[\s,]+[a-z]\d+)*$/i;

const OUTCOMES = {
  done: ({ section, item }) => completed(section, item),
  reopen: ({ section, item }) => opened(section, item),
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
    return rest.split(/[\s,]+/).flatMap((code) => effect(view.named(code), outcome));
  }
  const [, code, said] = /^(\S+)\s+(.*)$/s.exec(rest ?? "") ?? [];
  if (!code || !CODES.test(code)) return [];
  if (word.toLowerCase() === "snooze") return effect(view.named(code), snoozed);
  if (word.toLowerCase() === "update") return effect(view.named(code), (found) => updated(found, said));
  return [];
}

function effect(found, outcome) {
  const how = found && outcome(found);
  if (!how) return [];
  const { section, item } = found;
  return [{ section, id: item.id, ...(how.gone ? how : { set: how }) }];
}

function completed(section, item) {
  if (section === "priorities" && item.status !== "done") return { status: "done" };
  if (section === "commitments" && item.status !== "completed") return { status: "completed" };
  return null;
}

function opened(section, item) {
  if (section === "priorities" && item.status !== "open") return { status: "open", snoozed_until: null };
  if (section === "commitments" && item.status === "completed") return { status: "pending" };
  return null;
}

const snoozed = ({ section, item }) =>
  section === "priorities" && item.status === "open" ? { status: "snoozed" } : null;
const updated = ({ section }, said) => (section === "commitments" ? { description: said } : { title: said });

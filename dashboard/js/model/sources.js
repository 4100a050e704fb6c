// What sources are called.

import { oneLine } from "../ui.js";
import { say } from "../words.js";

// What people call a source: "Mail", and whose where its id says so.
export function sourceName(id) {
  const [kind, ...rest] = oneLine(id).split(":");
  const known = say.sourceKinds[kind];
  return known ? known : rest.length ? oneLine(id) : kind;
}

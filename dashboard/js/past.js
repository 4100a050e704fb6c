// An item's history, asked for when it is opened, and again when it has changed.

import { sentence } from "./refused.js";

const HISTORY = 50; // changes of one item
const ASK_AGAIN_MS = 200; // several patches in a row cost one request

let asking = 0;

export async function askHistory(client, page, frames) {
  const { panel } = page.ui;
  if (panel?.kind !== "item") return;
  const ack = await client.request("state:history", { id: panel.id, limit: HISTORY }, { withinMs: 10_000 });
  if (page.ui.panel !== panel) return;
  // An id is unique within its section only: another one may have a past under it too.
  const entries = ack.ok
    ? ack.data.entries.filter(({ change }) => change.section === panel.section)
    : page.history.entries;
  page.history = { entries, said: ack.ok ? "" : sentence(ack.error) };
  frames.ask("system");
}

export function refreshHistory(client, page, frames, changes) {
  const { panel } = page.ui;
  if (panel?.kind !== "item" || !changes.some(({ section, id }) => section === panel.section && id === panel.id))
    return;
  clearTimeout(asking);
  asking = setTimeout(() => askHistory(client, page, frames), ASK_AGAIN_MS);
}

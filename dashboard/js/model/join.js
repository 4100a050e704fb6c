// The way into a meeting that takes place online: its address, and by whom. The address itself is never shown.

const SERVICES = [
  ["Zoom", /(?:^|\.)zoom\.(?:us|com)$/],
  ["Teams", /^teams\.(?:microsoft|live)\.com$/],
  ["Meet", /^meet\.google\.com$/],
  ["Webex", /(?:^|\.)webex\.com$/],
  ["Jitsi", /^meet\.jit\.si$/],
  ["Whereby", /(?:^|\.)whereby\.com$/],
];
const ADDRESS = /https:\/\/[^\s<>"')\]]+/gi;

const found = new WeakMap();

// {url, service} or null; looked for once.
export function join(item) {
  if (!found.has(item)) found.set(item, item.join_url ? known(item.join_url, true) : search(item));
  return found.get(item);
}

function search({ url, location, description }) {
  for (const text of [url, location, description]) {
    for (const address of (text ?? "").match(ADDRESS) ?? []) {
      const way = known(address.replace(/[.,;]+$/, ""));
      if (way) return way;
    }
  }
  return null;
}

function known(address, whoever = false) {
  if (!URL.canParse(address)) return null;
  const { hostname, protocol } = new URL(address);
  const [service] = SERVICES.find(([, host]) => host.test(hostname)) ?? [];
  if (protocol !== "https:" || !(service || whoever)) return null;
  return { url: address, service: service ?? "call" };
}

// Where it takes place, for people: an address says nothing that the service's name does not.
export function placeOf(item) {
  const said = (item.location ?? "").replace(ADDRESS, "").replace(/\s+/g, " ").trim();
  return said.replace(/^[\s,;|–-]+|[\s,;|–-]+$/g, "") || (join(item)?.service ?? "");
}

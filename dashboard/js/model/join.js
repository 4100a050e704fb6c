// The way into a meeting that takes place online: its address, and by whom. The address itself is never shown.

const SERVICES = [
  ["Zoom", /(?:^|\.)zoom\.(?:us|com)$/],
  ["Teams", /^teams\.(?:microsoft|live)\.com$/],
  ["Meet", /^meet\.google\.com$/],
  ["Webex", /(?:^|\.)webex\.com$/],
  ["Jitsi", /^meet\.jit\.si$/],
  ["Whereby", /(?:^|\.)whereby\.com$/],
];
const ADDRESS = /https?:\/\/[^\s<>"')\]]+/gi;

// The words and numbers that open a meeting, as `models/links.py` has them.
const NAMED = [
  "(?:meeting|webinar|room|besprechungs)[ -]?(?:id|number|code)|(?:phone )?conference id|pass(?:code|word|wd|phrase)",
  "access code|host key|pin|pwd|kennwort|passwort|zugangscode|kenncode|mot de passe|code d['’](?:accès|entrée)",
  "contraseña|código de acceso|clave|パスコード|パスワード|ミーティング ?ID|会議 ?ID",
].join("|");
const WORD = "[\\p{L}\\p{N}_]";
const SECRET = new RegExp(
  `[(\\[]?(?<!${WORD})(?:${NAMED})(?!${WORD})(?: ?\\([^()]*\\))?` +
    `(?:\\s*(?:[:=：#]|(?<!${WORD})(?:is|ist|est|es)(?!${WORD})|は)\\s*|\\s+(?=\\S*\\d)(?=\\S{3}|\\d[\\d \\-]{2,}\\d))` +
    "(?:\\d[\\d \\-]{2,}\\d|[^\\s,;)\\]]+)#?[)\\]]?[,;]?",
  "giu",
);
// What opens a service's own program may have fewer slashes (`models/links.py`), or none.
const OTHER_SCHEME =
  /\b(?:[a-z][a-z0-9+.-]{1,20}:\/\/|(?:zoommtg|zoomus|zoomrc|ms-?teams|webex|wbx):\/?(?=\S*[/?]))[^\s<>"')\]]+/gi;
const BARE_ADDRESS = /\b(?:[a-z0-9-]+\.)+[a-z]{2,}\/[^\s<>"')\]]+/gi;
const DIALLED = /,,\s*[\d*#]+(?:,+[\d*#]+)*/g;
const found = new WeakMap();

// A text for everybody who passes by: a service's name or a host in place of each address, and nothing that opens a meeting.
export function withoutSecrets(text) {
  const site = (address) => known(address)?.service ?? (URL.canParse(address) ? new URL(address).hostname : "");
  const named = text.replace(ADDRESS, site).replace(OTHER_SCHEME, site).replace(BARE_ADDRESS, (address) => site(`https://${address}`));
  return named.replace(SECRET, "").replace(DIALLED, "").replace(/\s+/g, " ").trim();
}

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
  const said = withoutSecrets((item.location ?? "").replace(ADDRESS, "")).replace(/\s+/g, " ").trim();
  return said.replace(/^[\s,;|–-]+|[\s,;|–-]+$/g, "") || (join(item)?.service ?? "");
}

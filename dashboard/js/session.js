// Who looks at which board: what the address, this tab and this browser know. #token=...&board=cfo&wall in the address; the
// token goes into the browser's storage and out of the address, so that it is in no history and no bookmark. Every tab, and
// the installed page, is signed in with the browser's token until somebody signs out; a tab that was given one of its own
// keeps that.

const TOKEN = "adjutant.token";
const NAME = "adjutant.name";
const WHOSE = "adjutant.whose"; // fingerprint of a renewed token -> that of its person's first one
const HOME = "adjutant.home"; // {who, board}: the one that the server gives who names none
const DRAFT = "adjutant.draft";
const UNFOLDED = "adjutant.unfolded";

const inAddress = () => new URLSearchParams(location.hash.slice(1));

export class Session {
  board = null; // the name in the address; null for the one that the server gives
  wall = false;
  #token = kept(() => sessionStorage.getItem(TOKEN) ?? localStorage.getItem(TOKEN));

  // `onSignOut()` is called when somebody signs out in another tab, `onRenew()` when they have a new token there.
  constructor({ onSignOut = () => {}, onRenew = () => {} } = {}) {
    this.read();
    addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (key !== TOKEN || oldValue !== this.token) return;
      if (newValue === null) {
        this.signOut();
        onSignOut();
      } else if (fingerprint(newValue) in renewed()) {
        this.#token = newValue;
        kept(() => sessionStorage.setItem(TOKEN, newValue));
        onRenew();
      }
    });
  }

  // Takes in the part of the address behind the #. True when a token was in it.
  read() {
    const parts = inAddress();
    const token = parts.get("token");
    this.wall = parts.has("wall");
    this.board = parts.get("board");
    if (token) this.token = token;
    if (!parts.has("token")) return false;
    this.tidyAddress();
    return true;
  }

  // The code of the item that the address names, or null.
  get item() {
    return inAddress().get("item");
  }

  // Leaves in the address only what a reload is to bring again.
  tidyAddress() {
    history.replaceState(null, "", `${location.pathname}${location.search}${addressOf(this.board, this.wall)}`);
  }

  get token() {
    return this.#token;
  }

  set token(token) {
    this.#token = token;
    kept(() => sessionStorage.setItem(TOKEN, token));
    if (!this.wall) kept(() => localStorage.setItem(TOKEN, token));
  }

  // Neither this tab nor the browser knows the token any more.
  signOut() {
    const token = this.#token;
    this.#token = null;
    kept(() => sessionStorage.removeItem(TOKEN));
    kept(() => localStorage.getItem(TOKEN) === token && localStorage.removeItem(TOKEN));
  }

  // Who looks, told apart from others of this browser; the token itself is not to be read off it.
  get who() {
    return this.token ? `token ${this.#whose}` : `name ${this.#name()}`;
  }

  get #whose() {
    const own = fingerprint(this.token);
    return renewed()[own] ?? own;
  }

  // The same person goes on under another token: what the browser keeps of them stays theirs.
  renew(token) {
    const { [fingerprint(this.token)]: _, ...others } = renewed();
    const all = { ...others, [fingerprint(token)]: this.#whose };
    kept(() => localStorage.setItem(WHOSE, JSON.stringify(all)));
    this.token = token;
  }

  // The same on this board: what the browser keeps of one is never taken for another's. Only the board of who names none is
  // not in it, by whichever name it came.
  get person() {
    const home = JSON.parse(kept(() => localStorage.getItem(HOME)) ?? "null");
    const isHome = this.board === null || (home?.who === this.who && home.board === this.board);
    return isHome ? this.who : `${this.who}${ON}${this.board}`;
  }

  // The server has said which board this is.
  learn(board) {
    if (this.board === null) kept(() => localStorage.setItem(HOME, JSON.stringify({ who: this.who, board })));
  }

  // Goes to another board, and an item there: as if the page were opened there, so that nothing of this one is left in it.
  enter(board, item = null) {
    location.hash = addressOf(board, this.wall, item);
  }

  // What the server calls this browser as the author of changes, where people have no tokens.
  get actor() {
    return this.token ? null : this.#name();
  }

  // The fields of the handshake. Without tokens the server tells lines apart by the name, one for each browser, and
  // takes whoever opens the page for the one whom the board is for: preferences are theirs on every device.
  hello() {
    const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return { token: this.token || undefined, board: this.board ?? undefined, client: this.#name(), person: "local", tz };
  }

  #name() {
    if (this.wall) return "wall";
    const known = kept(() => localStorage.getItem(NAME));
    if (known) return known;
    const [number] = crypto.getRandomValues(new Uint16Array(1));
    const name = `dashboard-${number.toString(16).padStart(4, "0")}`;
    kept(() => localStorage.setItem(NAME, name));
    return name;
  }
}

const ON = " on ";

const renewed = () => JSON.parse(kept(() => localStorage.getItem(WHOSE)) ?? "{}");

// Whether what is kept for a person (Session.person) is theirs on any board.
export const isOf = (person, who) => person === who || person.startsWith(who + ON);

function addressOf(board, wall, item = null) {
  const named = Object.entries({ board, item }).filter(([, name]) => name);
  const parts = [...named.map(([key, name]) => `${key}=${encodeURIComponent(name)}`), ...(wall ? ["wall"] : [])];
  return parts.length ? `#${parts.join("&")}` : "";
}

// 64 bits, FNV-1a: only to tell tokens apart. The browser's own digests are missing from pages over plain HTTP.
function fingerprint(words) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(words))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16);
}

// A browser may keep nothing at all (private windows, a person's wish): then it lasts as long as the page.
export function kept(access) {
  try {
    return access();
  } catch {
    return null;
  }
}

// Which groups of the lists are unfolded: for all pages of this browser.
export const unfolded = {
  get: () => new Set(JSON.parse(kept(() => localStorage.getItem(UNFOLDED)) ?? "[]")),
  set: (names) => kept(() => localStorage.setItem(UNFOLDED, JSON.stringify([...names]))),
};

// What was typed and not sent outlives a reload of the page; on another board it is not there.
const draftKey = () => DRAFT + ON + (inAddress().get("board") ?? "");
export const draft = {
  get: () => kept(() => sessionStorage.getItem(draftKey())) ?? "",
  set: (line) => kept(() => sessionStorage.setItem(draftKey(), line)),
};

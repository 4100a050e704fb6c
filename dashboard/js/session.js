// Who looks at the board: what the address, this tab and this browser know. #token=...&wall in the address; the token
// goes into the browser's storage and out of the address, so that it is in no history and no bookmark. Every tab, and the
// installed page, is signed in with the browser's token until somebody signs out; a tab that was given one of its own
// keeps that.

const TOKEN = "adjutant.token";
const NAME = "adjutant.name";
const DRAFT = "adjutant.draft";
const UNFOLDED = "adjutant.unfolded";

export class Session {
  wall = false;
  #token = kept(() => sessionStorage.getItem(TOKEN) ?? localStorage.getItem(TOKEN));

  // `onSignOut()` is called when somebody signs out in another tab.
  constructor(onSignOut = () => {}) {
    this.read();
    addEventListener("storage", ({ key, oldValue, newValue }) => {
      if (key !== TOKEN || newValue !== null || oldValue !== this.token) return;
      this.signOut();
      onSignOut();
    });
  }

  // Takes in the part of the address behind the #. True when a token was in it.
  read() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const token = parts.get("token");
    this.wall = parts.has("wall");
    if (token) this.token = token;
    if (!parts.has("token")) return false;
    const rest = this.wall ? "#wall" : "";
    history.replaceState(null, "", `${location.pathname}${location.search}${rest}`);
    return true;
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
  get person() {
    return this.token ? `token ${fingerprint(this.token)}` : `name ${this.#name()}`;
  }

  // What the server calls this browser as the author of changes, where people have no tokens.
  get actor() {
    return this.token ? null : this.#name();
  }

  // The fields of the handshake. Without tokens the server tells lines apart by the name, one for each browser, and
  // takes whoever opens the page for the one whom the board is for: preferences are theirs on every device.
  hello() {
    const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
    return { token: this.token || undefined, client: this.#name(), person: "local", tz };
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

// What was typed and not sent outlives a reload of the page.
export const draft = {
  get: () => kept(() => sessionStorage.getItem(DRAFT)) ?? "",
  set: (line) => kept(() => sessionStorage.setItem(DRAFT, line)),
};

// A client of Adjutant: connects, holds a replica of the state and keeps it in step over lost networks and
// restarts of the server, and asks. It draws nothing, and runs in a page as under Node:
//
//   import { io } from "socket.io-client";
//   const client = new Client(io, { url: "http://127.0.0.1:8000", auth: () => ({ client: "my-board" }) });
//   client.addEventListener("patch", ({ detail }) => console.log(detail.cause.actor, detail.changes));
//   const ack = await client.change("priorities:complete", { code: "P7", seen: client.replica.seq });
//
// Events, each with its `detail`:
//   link   a Link, when the state of the connection has changed
//   age    a Link, when what is held may be old from now on, or is current again
//   sync   {mode, why}: the replica is in step again; look at all of it
//   patch  {seq, at, cause, changes}: the replica has taken it; those that a delta brings come one by one. Each change
//          also has `before`, the item as it was, or null
//   prefs  {rev, prefs, ...}: the person has changed preferences on another device
//   seen   {seq, at}: the person has said on another device up to where they have looked
import { Replica } from "./replica.js";

export const Stage = Object.freeze({
  CONNECTING: "connecting", // for the first time
  CATCHING_UP: "catching_up", // connected; what is held is not yet in step
  CONNECTED: "connected",
  OFFLINE: "offline", // comes back by itself
  REFUSED: "refused", // does not come back by itself: see `Client.connect`
});

const ACK_WITHIN_MS = 12_000; // the server itself gives up after 10 s
const PAUSE_MS = 300; // before a request is repeated without an `after_ms` of the server's
// A path that is dead without a word (sleep, another network) is noticed within the sum of these two: a request that
// has waited so long is followed by a ping, and a connection on which that is not answered in time is given up.
const PING_AFTER_MS = 2_000;
const PING_WITHIN_MS = 2_500;
const CLOCK_EVERY_MS = 1_000; // how often the page checks whether the machine has slept
const ASLEEP_MS = 4_000; // a timer that comes so late: the machine has slept

export class Client extends EventTarget {
  replica = new Replica();
  // {stage, since: ms of the epoch, why: a sentence or "", code: the server's error code or null, boards: those of which
  // one has to be named, or undefined}
  link = { stage: Stage.CONNECTING, since: Date.now(), why: "", code: null };
  #socket;
  #asked = null; // the socket.id on which a sync is under way
  #bye = null;
  #again = null;
  #clock = null;
  #waiting = new Set();
  #pinging = false;
  #closed = false;

  // `io` is socket.io-client's; `url` may have a path, where a proxy serves Adjutant below one; `auth()` gives the
  // handshake's fields anew at each connect; `options` go to `io`.
  constructor(io, { url, auth = () => ({}), options = {} } = {}) {
    super();
    const hello = (give) => give({ ...auth(), resume: this.replica.position ?? undefined });
    const { origin, pathname } = new URL(url);
    this.#socket = io(origin, {
      path: `${pathname.replace(/\/$/, "")}/socket.io/`,
      forceNew: true,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 200,
      reconnectionDelayMax: 5_000,
      ...options,
      auth: hello,
    });
    this.#listen();
    this.#watch();
  }

  // Connects now: after a refusal, or instead of waiting for the next try; `anew` with other credentials, though
  // it is connected.
  connect({ anew = false } = {}) {
    clearTimeout(this.#again);
    if (this.#closed || (this.#socket.connected && !anew)) return;
    this.#socket.disconnect();
    clearTimeout(this.#again); // that was our own doing
    this.#socket.connect();
  }

  // Looks whether the path to the server still lives, and takes a new one if not.
  async check() {
    if (this.#pinging || this.#closed || !this.#socket.connected) return;
    this.#pinging = true;
    const asked = this.#socket.id;
    const answered = await this.#ask("state:ping", {}, PING_WITHIN_MS);
    this.#pinging = false;
    if (answered || this.#closed || this.#socket.id !== asked) return;
    this.#leave("the server did not answer");
  }

  // Gives this connection up for a new one.
  #leave(why) {
    this.#bye = { retry: "after", message: why };
    this.connect({ anew: true });
  }

  // Ends it for good.
  close() {
    this.#closed = true;
    clearTimeout(this.#again);
    clearInterval(this.#clock);
    this.#socket.disconnect();
    this.#move(Stage.OFFLINE, "closed");
  }

  // Resolves with the ack, whatever it says; never rejects. While the server is away it waits, and what is
  // lost or may be sent again is sent again unchanged, within `withinMs`. Without any answer until then the
  // ack is {ok: false, error: {code: "unreachable", sent}}; `sent` says that it may have been done all the same.
  // `patient`: the time that the server is away, or does not let us in, does not count.
  // What was `seen` in one store, that of `epoch`, is never asked of another. `may()` is asked each time before it is
  // sent, and may answer with a promise: where it says no, the ack's code is "withdrawn".
  async request(
    event,
    payload = {},
    { withinMs = 30_000, patient = false, epoch = this.replica.epoch, may = () => true } = {},
  ) {
    let endsAt = performance.now() + withinMs;
    let ack = null;
    let sent = false;
    for (let leftMs = withinMs; leftMs > 0; leftMs = endsAt - performance.now()) {
      const since = performance.now();
      if (!(await this.#connected(patient ? Infinity : leftMs))) break;
      if (patient) endsAt += performance.now() - since;
      if (!(await may())) return WITHDRAWN;
      if ("seen" in payload && epoch !== null && this.replica.epoch !== epoch) return OTHER_STORE;
      sent = true;
      ack = (await this.#ask(event, payload, Math.min(leftMs, ACK_WITHIN_MS))) ?? ack;
      const pauseMs = pauseAfter(ack);
      if (pauseMs === null) return ack;
      await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, Math.max(0, endsAt - performance.now()))));
    }
    return ack ?? unanswered(this.link, sent);
  }

  // A request that changes something: its `op` makes sure that it is done once, however often it is sent.
  change(event, payload = {}, { op = newOp(), ...options } = {}) {
    return this.request(event, { ...payload, op }, options);
  }

  #listen() {
    const socket = this.#socket;
    socket.on("connect", () => this.#move(Stage.CATCHING_UP));
    socket.on("state:sync", (sync) => this.#sync(sync));
    socket.on("state:patch", (patch) => this.#patch(patch));
    socket.on("prefs:changed", (prefs) => this.dispatchEvent(new CustomEvent("prefs", { detail: prefs })));
    socket.on("brief:made", (brief) => this.dispatchEvent(new CustomEvent("brief", { detail: brief })));
    socket.on("seen:changed", (seen) => this.dispatchEvent(new CustomEvent("seen", { detail: seen })));
    socket.on("push:notices", ({ notices }) => this.dispatchEvent(new CustomEvent("notices", { detail: notices })));
    socket.on("state:head", (head) => this.#head(head));
    socket.on("server:drain", () => (this.#bye = { retry: "after", message: "the server is restarting" }));
    socket.on("server:bye", (bye) => (this.#bye = bye));
    socket.on("disconnect", (reason, details) => this.#lost(reason, details));
    socket.on("connect_error", (error) => this.#refused(error));
    // Where `options` ask for it to begin by polling: when the websocket of the upgrade drops after the library has
    // stopped polling, the library hears nothing more and says so only after the ping time-out.
    socket.io.on("open", () => {
      const { engine } = socket.io;
      engine.on("upgradeError", () => engine.upgrading && this.#leave("the connection dropped"));
    });
  }

  // Whatever tells that the machine slept or the network changed is a reason to look at the path.
  #watch() {
    let told = Date.now();
    const tick = () => {
      const late = Date.now() - told > ASLEEP_MS;
      told = Date.now();
      if (late && !globalThis.document?.hidden) this.check(); // timers of a hidden page are always late
    };
    this.#clock = setInterval(tick, CLOCK_EVERY_MS);
    this.#clock.unref?.(); // under Node it keeps no program alive
    if (!globalThis.document) return;
    const check = () => (document.hidden ? null : this.check());
    for (const sign of ["online", "offline", "pageshow", "focus"]) addEventListener(sign, check);
    document.addEventListener("visibilitychange", check);
    navigator.connection?.addEventListener?.("change", check);
  }

  // Where the server stands, told now and then: an idle client learns that it missed something.
  #head(head) {
    if (this.link.stage === Stage.CONNECTED && this.replica.isBehind(head)) this.#askForSync();
    this.#age(head.behind_s);
  }

  // How old what is held may be, while the server cannot see what other servers write: `link.asOf` is since when.
  #age(behindS) {
    const { asOf = null } = this.link;
    if (!behindS === (asOf === null)) return;
    this.link = { ...this.link, asOf: behindS ? Date.now() - behindS * 1_000 : null };
    this.#tell("age", this.link); // no "link": that is when others ask anew
  }

  #sync(sync) {
    this.#asked = null;
    const before = this.replica.seq;
    const fits = this.replica.sync(sync);
    const { seq } = this.replica;
    for (const patch of sync.patches ?? []) if (patch.seq > before && patch.seq <= seq) this.#tell("patch", patch);
    if (!fits) return this.#askForSync();
    this.#tell("sync", { mode: sync.mode, why: sync.why });
    this.#move(Stage.CONNECTED);
    this.#age(sync.behind_s);
  }

  #patch(patch) {
    if (patch.epoch === this.replica.epoch && patch.seq <= this.replica.seq) return;
    if (this.replica.patch(patch)) this.#tell("patch", patch);
    else this.#askForSync();
  }

  // Once for each gap: the patches that come before the answer find the same gap.
  #askForSync() {
    if (this.#asked === this.#socket.id) return;
    const asked = (this.#asked = this.#socket.id);
    this.#move(Stage.CATCHING_UP);
    // The ack is taken in its turn, inside the callback: the next patch may be in the same packet.
    this.#socket.timeout(ACK_WITHIN_MS).emit("state:sync", this.replica.position ?? {}, (error, ack) => {
      if (this.#asked !== asked || this.#socket.id !== asked) return;
      if (!error && ack.ok) return this.#sync(ack.data);
      this.#again = setTimeout(() => {
        this.#asked = null;
        if (this.#socket.id === asked) this.#askForSync();
      }, ack?.error?.after_ms ?? PAUSE_MS);
    });
  }

  #ask(event, payload, withinMs) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.check(), PING_AFTER_MS);
      this.#socket.timeout(withinMs).emit(event, payload, (error, ack) => {
        clearTimeout(timer);
        resolve(error ? null : ack);
      });
    });
  }

  #lost(reason, details) {
    const bye = this.#bye;
    this.#bye = this.#asked = null;
    if (this.#closed) return;
    if (bye?.retry === "no") return this.#move(Stage.REFUSED, bye.message, bye.code);
    this.#move(Stage.OFFLINE, bye?.message ?? whyTurnedAway(details ?? {}) ?? WHY_LOST[reason] ?? reason);
    if (!this.#socket.active) this.#connectAgain(bye?.after_ms);
  }

  #refused(error) {
    const refusal = error.data?.code ? error.data : null;
    if (refusal?.retry === "no") return this.#move(Stage.REFUSED, error.message, refusal.code, refusal.boards);
    const turnedAway = refusal ? error.message : whyTurnedAway(error);
    const known = this.link.stage === Stage.OFFLINE && this.link.why; // why it went matters more than that it is away
    this.#move(Stage.OFFLINE, turnedAway ?? (known || "the server does not answer"));
    if (!this.#socket.active) this.#connectAgain(refusal?.after_ms);
  }

  // After the server ended or refused it, the library leaves coming back to us; not all clients at once.
  #connectAgain(afterMs = 1_000) {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.connect(), afterMs * (1 + Math.random() / 2));
  }

  // True as soon as the replica is in step; false when it is not in time, or will not be.
  #connected(withinMs) {
    if (this.link.stage === Stage.CONNECTED) return true;
    const patient = withinMs === Infinity;
    if (this.#closed || (this.link.stage === Stage.REFUSED && !patient)) return false;
    return new Promise((resolve) => {
      const answer = (connected) => {
        clearTimeout(timer);
        this.#waiting.delete(answer);
        resolve(connected);
      };
      answer.patient = patient;
      const timer = patient ? 0 : setTimeout(answer, withinMs, false);
      this.#waiting.add(answer);
    });
  }

  #move(stage, why = "", code = null, boards = undefined) {
    const since = stage === this.link.stage ? this.link.since : Date.now();
    const { asOf } = this.link; // what was old already is not newer for being offline
    this.link = { stage, since, why, code, boards, ...(asOf && stage !== Stage.CONNECTED && { asOf }) };
    for (const answer of [...this.#waiting]) {
      if (this.#closed || (stage === Stage.REFUSED && !answer.patient)) answer(false);
      else if (stage === Stage.CONNECTED) answer(true);
    }
    this.#tell("link", this.link);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

// Any unique string; crypto.randomUUID is missing from pages that come over plain HTTP from another machine.
export function newOp() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const WHY_LOST = {
  "ping timeout": "the server has gone silent",
  "transport close": "the connection dropped",
  "transport error": "the connection dropped",
  "io server disconnect": "the server ended the connection",
  "io client disconnect": "signing in anew",
  "parse error": "what came could not be read",
};

// What stands in the way of the connection, in words: the server's own, or those of a proxy before it; null when
// nobody answered.
function whyTurnedAway({ description: status, context }) {
  if (typeof status !== "number" || status === 0) return null;
  try {
    const { error } = JSON.parse(context.responseText);
    if (typeof error === "string") return error;
  } catch {
    // no words of ours
  }
  return `what answers there is not Adjutant (HTTP ${status}): look at the address, and at the proxy in between`;
}

const WITHDRAWN = refusal("withdrawn", "It was taken back before it was sent.");
const OTHER_STORE = refusal("stale_target", "The board is another one now: look again.");

function refusal(code, message, more = {}) {
  return { ok: false, error: { code, message, retry: "no", ...more } };
}

function unanswered({ stage, why, code }, sent) {
  if (sent) return refusal("unreachable", "No answer from the server: whether it was done is not known.", { sent });
  if (stage === Stage.REFUSED) return refusal(code ?? "unauthorized", why, { sent });
  return refusal("unreachable", "The server is away: nothing was done.", { sent });
}

// How long to wait before the same request is sent again; null when it is settled.
function pauseAfter(ack) {
  if (ack === null) return PAUSE_MS;
  if (ack.ok || !["same_op", "after"].includes(ack.error?.retry)) return null;
  if (ack.error.code === "busy" && ack.error.details?.run !== undefined) return null; // a collection takes minutes
  return ack.error.after_ms ?? PAUSE_MS;
}

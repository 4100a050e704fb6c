// Real socket.io clients, driven over JSON lines: one command a line on standard input, one line on standard
// output for all that happens. driver.py is the other end.
//
//   {"do":"connect","id":"a","url":...,"options":{auth, transports, ..., "resume":true}}
//   {"do":"emit","id":"a","ref":1,"event":...,"args":[...],"timeout":5000}   -> {"ref":1,"ack":...} or {"ref":1,"failed":...}
//   {"do":"send","id":"a","event":...,"args":[...]}        no ack asked
//   {"do":"drop","id":"a"}          cut the connection as a network would; the client reconnects by itself
//   {"do":"disconnect","id":"a"}    and {"do":"reconnect","id":"a"}
//   {"do":"burst","id":"a","ref":3,"event":...,"count":5000}  requests all at once, connected or not, each with its
//                                   `op`                   -> {"ref":3,"ack":{ok, failed, ms}} when all are answered
//   {"do":"held","id":"a","ref":2}                         -> {"ref":2,"ack":{epoch, rooms}} the position held
//
// {"$binary":"<base64>"} anywhere in args is sent as binary.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const clients = new Map();

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// The position a client holds, room by room, as the protocol's client rule has it.
class Position {
  epoch = null;
  rooms = {};

  synced({ epoch, seq, rooms }) {
    if (epoch !== this.epoch) this.rooms = {};
    this.epoch = epoch;
    for (const room of rooms) this.rooms[room] = seq;
  }

  patched(room, { epoch, seq }) {
    if (epoch === this.epoch && seq > (this.rooms[room] ?? -1)) this.rooms[room] = seq;
  }

  left(rooms) {
    for (const room of Object.keys(this.rooms)) if (!rooms.includes(room)) delete this.rooms[room];
  }

  // What goes into `auth`: the short form where one number says it all.
  resume() {
    const seqs = new Set(Object.values(this.rooms));
    if (seqs.size === 0) return undefined;
    const [seq] = seqs;
    return seqs.size === 1 ? { epoch: this.epoch, seq } : { epoch: this.epoch, rooms: { ...this.rooms } };
  }
}

class Client {
  constructor(id, url, { resume = false, auth = {}, ...options }) {
    this.id = id;
    this.position = new Position();
    const auth_now = (give) => give({ ...auth, ...(resume && { resume: this.position.resume() ?? auth.resume }) });
    this.socket = io(url, { forceNew: true, ...options, auth: resume ? auth_now : auth });
    this.listen();
  }

  say(line) {
    say({ id: this.id, ...line });
  }

  listen() {
    const { socket } = this;
    const { io: manager } = socket;
    manager.on("open", () => manager.engine.on("upgrade", ({ name }) => this.say({ upgrade: name })));
    socket.on("connect", () => this.say({ connect: true, sid: socket.id, transport: manager.engine.transport.name }));
    socket.on("disconnect", (reason) => this.say({ disconnect: reason }));
    socket.on("connect_error", ({ message, data }) => this.say({ connect_error: { message, data } }));
    socket.onAny((event, ...args) => {
      this.note(event, args[0]);
      this.say({ event, args });
    });
  }

  note(event, payload) {
    if (event === "state:sync") this.position.synced(payload);
    else if (event.endsWith(":patch")) this.position.patched(event.slice(0, -":patch".length), payload);
  }

  note_ack(event, ack) {
    if (!ack?.ok) return;
    if (event === "state:sync") this.position.synced(ack.data);
    if (event === "state:subscribe" && ack.data.sync) this.position.synced(ack.data.sync);
    if (event === "state:unsubscribe") this.position.left(ack.data.rooms);
  }

  emit({ ref, event, args, timeout }) {
    this.socket.timeout(timeout).emit(event, ...args, (error, ...answer) => {
      if (error) return this.say({ ref, failed: error.message });
      this.note_ack(event, answer[0]);
      // An ack of several arguments is no ack of this protocol: shown as it is.
      this.say({ ref, ack: answer.length === 1 ? answer[0] : answer });
    });
  }
}

// What is emitted while the client is offline it keeps, and sends all at once when it is connected.
async function burst({ id, ref, event, count }) {
  const { socket } = clients.get(id);
  const began = Date.now();
  const asked = Array.from({ length: count }, (_, n) => {
    const payload = { progress: n % 100, message: `request ${n}`, op: `${id} ${n}` };
    return new Promise((resolve) => socket.emit(event, payload, resolve));
  });
  const acks = await Promise.all(asked);
  const ok = acks.filter((ack) => ack.ok).length;
  say({ id, ref, ack: { ok, failed: acks.filter((ack) => !ack.ok).slice(0, 3), ms: Date.now() - began } });
}

const commands = {
  burst,
  connect: ({ id, url, options }) => clients.set(id, new Client(id, url, options)),
  emit: (command) => clients.get(command.id).emit(command),
  send: ({ id, event, args }) => clients.get(id).socket.emit(event, ...args),
  drop: ({ id }) => clients.get(id).socket.io.engine.close(),
  disconnect: ({ id }) => clients.get(id).socket.disconnect(),
  reconnect: ({ id }) => clients.get(id).socket.connect(),
  held: ({ id, ref }) => {
    const { epoch, rooms } = clients.get(id).position;
    say({ id, ref, ack: { epoch, rooms } });
  },
};

function revive(_key, value) {
  return typeof value?.$binary === "string" ? Buffer.from(value.$binary, "base64") : value;
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line, revive);
    commands[command.do](command);
  })
  .on("close", () => process.exit(0));

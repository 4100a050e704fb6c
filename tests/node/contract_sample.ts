// A dashboard and a collector, written against the types that a server hands out; only compiled, never run.
import { io, type Socket } from "socket.io-client";
import type { Ack, Board, Change, ClientToServerEvents, Handshake, Patch, Position, ServerToClientEvents } from "./contract.js";

const held: Position = { epoch: "a1", rooms: { calendar: 10, priorities: 12 } };
const auth: Handshake = { client: "wall", rooms: ["state"], resume: held };
const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io("http://127.0.0.1:8000", { auth });

let board: Board = {};

socket.on("state:sync", (sync) => {
  if (sync.mode === "snapshot") board = sync.state;
  else if (sync.mode === "delta") sync.patches.forEach((patch) => take(patch, patch.room));
  // @ts-expect-error: a sync in step carries no patches
  else sync.patches;
});
socket.on("state:patch", (patch) => take(patch, "state"));
socket.on("calendar:patch", (patch) => take(patch, "calendar"));
socket.on("server:drain", ({ after_ms }) => after_ms.toFixed());
socket.on("server:bye", ({ code, retry }) => (code === "unauthorized" || retry === "no") && socket.close());
// @ts-expect-error: there is no such event
socket.on("calendar:update", () => undefined);

function take(patch: Patch, room: string): string[] {
  return patch.changes.map((change) => `${room} ${patch.seq} ${read(change)}`);
}

function read(change: Change): string {
  if ("gone" in change) return `${change.code ?? change.id} is gone`;
  if (change.section === "calendar" && "put" in change) return change.put.start + change.put.attendees.join();
  if (change.section === "priorities" && "set" in change) return change.set.status ?? `rev ${change.set.rev}`;
  // @ts-expect-error: only an event has a start
  return change.section === "commitments" && "put" in change ? change.put.start : change.id;
}

async function ask(): Promise<number> {
  const put = await socket.emitWithAck("calendar:put", {
    items: [{ id: "e1", title: "Board call", start: "2026-11-23T09:00:00Z" }],
    mode: "replace",
    run: 7,
  });
  if (!put.ok) return put.error.retry === "after" ? (put.error.after_ms ?? 0) : 0;
  const code: string | undefined = put.data.codes["e1"];
  const answer = await socket.timeout(5_000).emitWithAck("priorities:complete", { code, seen: put.seq, op: "op-1" });
  const status: "open" | "done" | "snoozed" | null = answer.ok ? answer.data.status : null;
  socket.emit("brief:get", {}, (brief) => brief.ok && brief.data?.author.trim());
  socket.timeout(5_000).emit("state:get", { sections: ["system"] }, (error, state) => {
    if (!error && state.ok) board.system = state.data.state.system;
  });
  socket.emit("commitments:edit", { code: "M2", set: { direction: "owed" } }, done);
  // @ts-expect-error: an item needs a title
  socket.emit("priorities:put", { items: [{ id: "p1" }] }, done);
  // @ts-expect-error: a request names the room as text
  socket.emit("state:subscribe", { rooms: [1] }, done);
  return status === "done" ? put.data.added : put.data.rejected.length;
}

function done(answer: Ack<unknown>): void {
  if (!answer.ok) console.error(answer.error.code, answer.error.message);
}

void ask();

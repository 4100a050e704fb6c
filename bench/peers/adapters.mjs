// Node's socket.io with an adapter, one of two servers that send to each other's clients. It is read from
// standard input, in the folder where its packages are; its arguments are the adapter, the address of its
// database, "kept" or "", and the hello; its first line is the port.
//
//   "change" <text>     -> "state:patch" <text> to everybody in `state` at both servers, and an ack;
//                          with "kept" the database has it on disk before either
import { createServer } from "node:http";
import { createAdapter as onPostgres } from "@socket.io/postgres-adapter";
import { createAdapter as onRedis } from "@socket.io/redis-streams-adapter";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";

const [adapter, url, kept, hello] = process.argv.slice(2);
const HELLO = JSON.parse(hello);

async function postgres() {
  const pool = new pg.Pool({ connectionString: url });
  const id = "id bigserial PRIMARY KEY";
  // Both servers make them: of two that do so at once, one waits for the other.
  await pool.query(`BEGIN; SELECT pg_advisory_xact_lock(1);
    CREATE TABLE IF NOT EXISTS socket_io_attachments (${id}, created_at timestamptz DEFAULT NOW(), payload bytea);
    CREATE TABLE IF NOT EXISTS changes (${id}, text text NOT NULL); COMMIT`);
  const keep = (text) => pool.query({ name: "keep", text: "INSERT INTO changes (text) VALUES ($1)", values: [text] });
  return { adapter: onPostgres(pool), keep };
}

async function redis() {
  const client = createClient({ url });
  const keeper = client.duplicate();
  await Promise.all([client.connect(), keeper.connect()]);
  // The server writes its file before it answers (appendfsync always).
  const keep = (text) => keeper.xAdd("changes", "*", { text });
  return { adapter: onRedis(client, { onlyPlaintext: true }), keep };
}

const shared = await { postgres, redis }[adapter]();
const http = createServer();
const io = new Server(http, {
  transports: ["websocket"],
  perMessageDeflate: false,
  httpCompression: false,
  adapter: shared.adapter,
});

io.on("connection", (socket) => {
  if (!Array.isArray(socket.handshake.auth.rooms)) socket.join("state");
  socket.emit("state:sync", HELLO);
  socket.on("change", async (text, ack) => {
    if (kept) await shared.keep(text);
    io.to("state").emit("state:patch", text);
    ack({ ok: true });
  });
});

http.listen({ host: "127.0.0.1", port: 0 }, () => console.log(http.address().port));

// Node's socket.io as it comes, over websockets alone and without compression. It is read from standard
// input, in the folder where its packages are; its first argument is the hello, its first line the port.
//
//   "change" <text>     -> "state:patch" <text> to everybody in `state`, and an ack
//   "echo" <payload>    -> the payload as the ack
import { createServer } from "node:http";
import { Server } from "socket.io";

const HELLO = JSON.parse(process.argv[2]);
const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, httpCompression: false });

io.on("connection", (socket) => {
  if (!Array.isArray(socket.handshake.auth.rooms)) socket.join("state");
  socket.emit("state:sync", HELLO);
  socket.on("change", (text, ack) => {
    io.to("state").emit("state:patch", text);
    ack({ ok: true });
  });
  socket.on("echo", (payload, ack) => ack(payload));
});

http.listen({ host: "127.0.0.1", port: 0, backlog: 2048 }, () => console.log(http.address().port));

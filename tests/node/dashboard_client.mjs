// One client of dashboard/js/client.js under Node, driven over JSON lines; tests/dashboard/node_client.py is the other
// end.
//
//   {"do":"connect","url":...,"auth":{...},"options":{...}}   of socket.io-client; with `cutUpgrade` the first
//                             websocket that it upgrades to is cut as soon as it has stopped polling for it
//   {"do":"request","ref":1,"event":...,"payload":{...},"options":{...}}    -> {"ref":1,"answer":ack}; so does "change"
//   {"do":"held","ref":2}     -> {"ref":2,"answer":{position, link, sections}}, with `sections` those alone
//   {"do":"close"}            leave in order
//   {"do":"drop"}             cut the connection as a network would
//   {"do":"head","head":{...}}    as if the server told where it stands
//   {"do":"lose"}             the next patch does not reach the replica
//   {"do":"auth","auth":{...}} and {"do":"again"}     other credentials, and connect with them
import { createInterface } from "node:readline";
import { io } from "socket.io-client";
import { Client } from "../../dashboard/js/client.js";

const SECTIONS = ["system", "calendar", "priorities", "commitments", "brief", "sources", "proposals"];
let client, socket, manager, auth;

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

function connect(url, { cutUpgrade = false, ...options } = {}) {
  const watched = (...given) => {
    socket = io(...given);
    manager = socket.io;
    const cut = () =>
      manager.engine.once("upgrading", (transport) => {
        transport.ws.terminate();
        say({ event: "cut" });
      });
    if (cutUpgrade) manager.once("open", cut);
    return socket;
  };
  client = new Client(watched, {
    url,
    auth: () => auth,
    options: { reconnectionDelay: 50, reconnectionDelayMax: 200, ...options },
  });
  for (const name of ["link", "age", "sync", "patch"]) {
    client.addEventListener(name, ({ detail }) => say({ event: name, detail }));
  }
}

function held(names) {
  const sections = names.map((name) => [name, Object.fromEntries(client.replica.items(name))]);
  return { position: client.replica.position, link: client.link, sections: Object.fromEntries(sections) };
}

function lose() {
  client.replica.patch = () => {
    delete client.replica.patch; // the method of its class is back
    return true;
  };
}

const ask =
  (name) =>
  async ({ ref, event, payload, options }) => {
    say({ ref, answer: await client[name](event, payload, options) });
  };

const commands = {
  connect: (given) => {
    auth = given.auth;
    connect(given.url, given.options);
  },
  request: ask("request"),
  change: ask("change"),
  held: ({ ref, sections = SECTIONS }) => say({ ref, answer: held(sections) }),
  close: () => client.close(),
  drop: () => manager.engine.close(),
  head: ({ head }) => socket.listeners("state:head").forEach((hear) => hear(head)),
  lose,
  auth: (given) => (auth = given.auth),
  again: () => client.connect(),
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line);
    commands[command.do](command);
  })
  .on("close", () => process.exit(0));

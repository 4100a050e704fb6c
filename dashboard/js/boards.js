// The boards that the person may enter, and what is due on the others.

const AGAIN_MS = 60_000; // what is due changes by the day, and by what others do there

export class Boards {
  list = []; // the server's lines: {name, role, here, due}
  #client;
  #session;
  #changed;
  #told = "";

  // `changed()` hears that the list is another one.
  constructor({ client, session, changed }) {
    this.#client = client;
    this.#session = session;
    this.#changed = changed;
    client.addEventListener("link", ({ detail }) => detail.stage === "connected" && this.look());
    setInterval(() => this.areSeveral && !document.hidden && this.look(), AGAIN_MS);
  }

  get areSeveral() {
    return this.list.length > 1;
  }

  get here() {
    return this.list.find(({ here }) => here)?.name ?? this.#session.board;
  }

  // Those on which something is due.
  get due() {
    return this.list.filter(({ here, due }) => !here && due);
  }

  has(name) {
    return this.list.some((line) => line.name === name);
  }

  // Goes there; without a name to the one that the server gives.
  enter(name) {
    this.#session.enter(name || null);
  }

  async look() {
    const ack = await this.#client.request("boards:list");
    if (!ack.ok) return;
    this.list = ack.data.boards;
    const [{ name }] = this.list.filter(({ here }) => here);
    this.#session.learn(name);
    const told = JSON.stringify(this.list.map((line) => [line.name, line.here, line.due]));
    if (told !== this.#told && (this.areSeveral || this.#told)) this.#changed();
    this.#told = told;
  }
}

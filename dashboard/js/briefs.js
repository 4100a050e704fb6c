// The person's own brief, which is in no snapshot and no patch; where there is none, the active one counts.

export class OwnBrief {
  #client;
  #changed;
  #value = null;

  // `changed()` is called when there is another, or when it is outdated.
  constructor({ client, changed }) {
    this.#client = client;
    this.#changed = changed;
    client.addEventListener("brief", ({ detail }) => this.#take(detail));
    client.addEventListener("link", ({ detail }) => detail.stage === "connected" && this.#learn());
    client.addEventListener("patch", ({ detail }) => this.#look(detail.changes));
  }

  get value() {
    return this.#value;
  }

  async #learn() {
    const { ok, data } = await this.#client.request("brief:get");
    if (ok) this.#take(data?.rev === 0 ? data : null); // one that is in the state has been committed
  }

  #take(brief) {
    if (!brief && !this.#value) return; // to draw costs a moment of a slow phone
    this.#value = brief;
    this.#changed();
  }

  #look(changes) {
    const brief = this.#value;
    if (!brief || brief.outdated) return;
    const refs = new Set((brief.sections ?? []).flatMap(({ items }) => items.flatMap((item) => item.evidence ?? [])));
    if (brief.about) refs.add(`calendar/${brief.about}`);
    const told = changes.filter(({ section }) => section !== "sources" && section !== "brief");
    if (told.some(({ section, id }) => refs.has(`${section}/${id}`))) this.#take({ ...brief, outdated: true });
  }
}

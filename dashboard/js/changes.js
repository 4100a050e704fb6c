// What others changed since the person last said that they had seen it: in the items' own words, the newest first.

const KEPT = 50;

export class Changes {
  list = []; // {key, kind: gone|moved|added|changed, section, code, title, before?, after?, who}
  since = Date.now();
  #sections;

  constructor(sections) {
    this.#sections = sections;
  }

  // A patch that is not one's own. What is proposed stands in a list of its own.
  take({ changes, cause }) {
    for (const change of changes) {
      if (!this.#sections.coded.includes(change.section) || change.section === "proposals") continue;
      const told = this.#told(change, cause.actor);
      if (!told) continue;
      const key = `${change.section}/${change.id}`;
      this.list = this.list.filter((other) => other.key !== key);
      this.list.unshift({ ...told, key });
    }
    this.list.length = Math.min(this.list.length, KEPT);
  }

  seen() {
    this.list = [];
    this.since = Date.now();
  }

  #told({ section, put, set, gone, before: old }, who) {
    const title = (item) => this.#sections.headline(section, item);
    if (gone) return old && { kind: "gone", section, code: old.code, title: title(old), who };
    if (!old) return put && { kind: "added", section, code: put.code, title: title(put), who };
    const item = put ?? { ...old, ...set };
    if (section === "calendar" && item.start !== old.start)
      return {
        kind: "moved",
        section,
        code: item.code,
        title: title(item),
        before: old.start,
        after: item.start,
        who,
      };
    const told =
      section === "calendar"
        ? title(item) !== title(old) || item.status !== old.status
        : title(item) !== title(old);
    return told ? { kind: "changed", section, code: item.code, title: title(item), who } : null;
  }
}

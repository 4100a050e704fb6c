// The parts that the first screen does not show, in modules of their own: one for what a person opens, which is loaded
// when something of it is asked for, else as soon as the browser has time, so that a page that has been open for a moment has
// it whether or not the server is there; and one for each kind of page that most people never see.

import { Component, h } from "./ui.js";
import { say } from "./words.js";

const APART = {
  Wall: () => styled("style-wall", import("./parts/wall.js")),
  Welcome: () => styled("style-first", import("./parts/welcome.js")),
  SettingsPanel: () => import("./parts/settings.js"),
};
const REST = () => import("./parts/later.js");
const parts = {}; // by their names, as far as they are there
const loading = new Map(); // what imports them -> a promise

// Resolves with whether they are there; where they cannot be had, the next who asks tries again.
export function load(part) {
  const from = APART[part] ?? REST;
  const there = (module) => Boolean(Object.assign(parts, module));
  if (!loading.has(from)) loading.set(from, from().then(there, () => !loading.delete(from)));
  return loading.get(from);
}

// A module whose styles nothing else needs; a browser fetches them when their link is no longer disabled.
async function styled(id, module) {
  const link = document.getElementById(id);
  if (!link.disabled) return module;
  const come = new Promise((resolve, reject) => {
    link.addEventListener("load", resolve, { once: true });
    link.addEventListener("error", reject, { once: true });
  });
  link.disabled = false;
  const styles = come.catch((event) => {
    link.disabled = true; // so that it is asked for again
    throw event;
  });
  return (await Promise.all([module, styles]))[0]; // which of them fails first, the other's failure is handled too
}

// Draws one of them, by its name; until they are there nothing, and where they cannot be had that it is so.
export class Later extends Component {
  componentDidMount() {
    const { part } = this.props;
    if (!parts[part]) load(part).then((isThere) => this.setState({ isMissing: !isThere }));
  }

  componentDidUpdate(before) {
    if (before !== this.props) this.componentDidMount();
  }

  render({ part, ...props }) {
    if (parts[part]) return h(parts[part], props);
    return this.state.isMissing && h("p", { class: "banner", role: "alert" }, say.notLoaded);
  }
}

// The parts that the first screen does not show, in one module of their own: it is loaded when one of them is asked for, else
// as soon as the browser has time. So a page that has been open for a moment has all of it, whether or not the server is there.

import { Component, h } from "./ui.js";
import { say } from "./words.js";

let parts = null; // of parts/later.js
let loading = null;

// Resolves with whether they are there; where they cannot be had, the next who asks tries again.
export function load() {
  loading ??= import("./parts/later.js").then(
    (module) => Boolean((parts = module)),
    () => Boolean((loading = null)),
  );
  return loading;
}

// Draws one of them, by its name; until they are there nothing, and where they cannot be had that it is so.
export class Later extends Component {
  componentDidMount() {
    if (!parts) load().then((isThere) => this.setState({ isMissing: !isThere }));
  }

  componentDidUpdate(before) {
    if (before !== this.props) this.componentDidMount();
  }

  render({ part, ...props }) {
    if (parts) return h(parts[part], props);
    return this.state.isMissing && h("p", { class: "banner", role: "alert" }, say.notLoaded);
  }
}

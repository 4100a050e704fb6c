// A list that may be long: the rows of the first screen are drawn with the page, the rest when the browser has time, a few at
// a time, until all are there for who searches, prints or listens; until then it is said to be busy.

import { Component, h } from "../ui.js";

const LOWEST_PX = 32; // of a row
const FIRST = Math.ceil((globalThis.screen?.height ?? 1_280) / LOWEST_PX); // more than any window on it shows
const STEP = 8; // to begin with
const STEP_MS = 4; // with the layout half a frame: what is typed meanwhile does not wait
const NO_LATER_MS = 300; // even on a busy page
const growing = new Set();

// In Safari there is no such call: then soon, after what is due.
const idle = globalThis.requestIdleCallback?.bind(globalThis) ?? ((run) => setTimeout(run, 50));
export const whenIdle = (run) => idle(run, { timeout: NO_LATER_MS });

// A printed list has all of its rows.
globalThis.addEventListener?.("beforeprint", () => growing.forEach((list) => list.grow(Infinity)));

// `rows` are functions that make one row each, of which the `first` so many come at once; `grown()` hears when there are more;
// the other properties are the list's.
export class Rows extends Component {
  shown = this.props.first ?? FIRST;
  step = STEP;
  made = { of: null, rows: [] }; // a row that is made stays the same, so that growing draws new ones only

  grow(step, then) {
    this.shown += Math.min(step, this.props.rows.length);
    if (growing.has(this)) this.setState({}, () => (this.props.grown?.(), then?.()));
  }

  // The next step is as long as there was time for this one.
  growOn() {
    this.asked = false;
    const begun = performance.now();
    this.grow(this.step, () => {
      this.step = performance.now() - begun > STEP_MS ? Math.max(STEP, this.step / 2) : this.step * 2;
    });
  }

  componentDidMount() {
    growing.add(this);
    this.componentDidUpdate();
  }

  componentDidUpdate() {
    const { length } = this.props.rows;
    // Room for what is added one by one, which is to be seen at once.
    if (this.shown >= length) this.shown = Math.max(this.shown, length + FIRST);
    else if (!this.asked) this.asked = whenIdle(() => this.growOn()) || true;
  }

  componentWillUnmount() {
    growing.delete(this);
  }

  render({ rows, first, grown, children, ...attributes }) {
    if (this.made.of !== rows) this.made = { of: rows, rows: [] };
    const { rows: made } = this.made;
    for (let at = made.length; at < Math.min(rows.length, this.shown); at++) made.push(rows[at]());
    return h("ol", { ...attributes, "aria-busy": made.length < rows.length ? "true" : null }, made.slice());
  }
}

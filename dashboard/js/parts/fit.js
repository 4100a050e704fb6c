// Titles win: where one does not fit its block, its letters become smaller; where that is not enough, whole lines of it
// are shown, and pointing at it or the focus opens the rest. All is read, then all is written, so that the browser lays
// out once for each step.

const STEPS = ["tight", "over"];

// Fits blocks that are new or say something else, or all of them.
export function fit(blocks, all) {
  let left = [];
  for (const block of blocks) {
    const text = block.querySelector(".opener");
    const said = `${block.textContent}${block.style.height}${block.style.getPropertyValue("--wide")}/${block.style.getPropertyValue("--lanes")}`;
    if (!text || (!all && text.fitted === said)) continue;
    text.fitted = said;
    text.classList.remove(...STEPS);
    left.push(text);
  }
  for (const step of STEPS) {
    left = left.filter((text) => !fits(text));
    for (const text of left) text.classList.add(step);
  }
}

const fits = (text) => text.scrollHeight <= text.clientHeight + 1 && text.scrollWidth <= text.clientWidth + 1;

// A row drawn aside with a finger: to the right its check mark, to the left what it can be put off with. What it would do
// shows beneath while it is drawn, and nothing happens unless it is let go beyond a third of the row.

const BEGINS_PX = 12; // less is a tap of a thumb
const SHARE = 1 / 3;

// `sides(code)` says what the two directions stand for: {right, left}, each {name, line} or null. `run(line)` does it.
export function swipe(root, { sides, run }) {
  let drawn = null; // {row, id, x, y, dx, sides, moving}

  root.addEventListener("pointerdown", ({ target, pointerType, pointerId, isPrimary, clientX, clientY }) => {
    const row = target.closest?.("li.row[data-code]");
    if (!row || pointerType !== "touch" || !isPrimary || target.closest("input")) return;
    drawn = { row, id: pointerId, x: clientX, y: clientY, dx: 0, sides: sides(row.dataset.code), moving: false };
  });
  root.addEventListener("pointermove", ({ pointerId, clientX, clientY }) => {
    if (pointerId !== drawn?.id) return;
    drawn.dx = clientX - drawn.x;
    if (!drawn.moving && Math.abs(clientY - drawn.y) > BEGINS_PX) return end(); // the page scrolls
    if (!drawn.moving && Math.abs(drawn.dx) < BEGINS_PX) return;
    drawn.moving = true;
    show();
  });
  root.addEventListener("pointerup", ({ pointerId }) => {
    if (pointerId !== drawn?.id) return;
    const side = drawn.moving && goes() ? sideOf() : null; // browsers send no click after such a move
    end();
    if (side) run(side.line);
  });
  root.addEventListener("pointercancel", ({ pointerId }) => pointerId === drawn?.id && end());

  const sideOf = () => (drawn.dx > 0 ? drawn.sides.right : drawn.sides.left);
  const goes = () => sideOf() !== null && Math.abs(drawn.dx) > drawn.row.clientWidth * SHARE;

  function show() {
    const side = sideOf();
    const { row, dx } = drawn;
    row.classList.add("drawn");
    row.classList.toggle("goes", goes());
    row.dataset.swipe = side?.name ?? "";
    row.dataset.side = dx > 0 ? "right" : "left";
    row.style.setProperty("--drawn", `${side ? dx : dx / 8}px`); // a side without a meaning hardly gives way
  }

  function end() {
    const { row } = drawn;
    drawn = null;
    row.classList.remove("drawn", "goes");
    delete row.dataset.swipe;
    delete row.dataset.side;
    row.style.removeProperty("--drawn");
  }
}

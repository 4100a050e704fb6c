// A row drawn to another place of its list by its code, with the mouse or a finger. It becomes a line: `rank P7 3`.

const BEGINS_PX = 5; // less is a click of a shaky hand

// `rank(code, before)` says the line that puts a row before another one of its group, null for its end; `run(line)` does it.
export function drag(root, { rank, run }) {
  let held = null; // {row, id, y, moving, before}

  root.addEventListener("pointerdown", ({ target, pointerId, isPrimary, button, clientY }) => {
    const row = target.closest?.(".grip")?.closest("li.row[data-code]");
    if (!row || !isPrimary || button !== 0) return;
    held = { row, id: pointerId, y: clientY, moving: false, before: null };
    target.setPointerCapture(pointerId);
  });
  root.addEventListener("pointermove", ({ pointerId, clientY }) => {
    if (pointerId !== held?.id) return;
    if (!held.moving && Math.abs(clientY - held.y) < BEGINS_PX) return;
    held.moving = true;
    held.row.classList.add("held");
    held.row.style.setProperty("--held", `${clientY - held.y}px`);
    mark(placeAt(clientY));
  });
  root.addEventListener("pointerup", ({ pointerId }) => {
    if (pointerId !== held?.id) return;
    const { row, moving, before } = held;
    end();
    if (!moving || before === row || before === row.nextElementSibling) return;
    const line = rank(row.dataset.code, before?.dataset?.code ?? null, lastOf(row)?.dataset.code);
    if (line) run(line);
  });
  root.addEventListener("pointercancel", ({ pointerId }) => pointerId === held?.id && end());

  // The rows of the same group.
  function rowsOf(row) {
    const rows = [row];
    for (let one = row.previousElementSibling; one?.matches(".row"); one = one.previousElementSibling) rows.unshift(one);
    for (let one = row.nextElementSibling; one?.matches(".row"); one = one.nextElementSibling) rows.push(one);
    return rows;
  }
  const lastOf = (row) => rowsOf(row).at(-1);

  // The row before which it would be put; null for the end.
  function placeAt(y) {
    return (
      rowsOf(held.row).find((row) => {
        const { top, height } = row.getBoundingClientRect();
        return row !== held.row && y < top + height / 2;
      }) ?? null
    );
  }

  function mark(before) {
    unmark();
    held.before = before;
    (before ?? lastOf(held.row)).classList.add(before ? "drop-before" : "drop-after");
  }

  const unmark = () => {
    for (const row of root.querySelectorAll(".drop-before, .drop-after")) row.classList.remove("drop-before", "drop-after");
  };

  function end() {
    held.row.classList.remove("held");
    held.row.style.removeProperty("--held");
    held = null;
    unmark();
  }
}

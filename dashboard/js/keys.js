// The keyboard, where no field has it: any letter goes to the command line, arrows go from item to item.

const LETTER = /^[\p{L}\p{N}]$/u;

// `does` has: type(), search(), help(), undo(), redo(), leave(target), save(field), act(name, code, element).
export function listen(does) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.documentElement.matches(".wall")) return;
    const field = event.target.closest("input, textarea, select, [role=menu], dialog");
    const handled = field ? inField(event, does) : onPage(event, does);
    if (handled) event.preventDefault();
  });
}

function inField(event, does) {
  if (isOpening(event)) return does.type() !== false;
  if (event.key === "Escape") return does.leave(event.target) !== false;
  if (event.target.matches(".edit-in") && event.key === "Enter") return does.save(event.target) !== false;
  return isUndo(event) && event.target.value === "" && (event.shiftKey ? does.redo() : does.undo()) !== false;
}

function onPage(event, does) {
  if (isOpening(event)) return does.type() !== false;
  if (isUndo(event)) return (event.shiftKey ? does.redo() : does.undo()) !== false;
  if (event.key === "Escape" && event.target.closest(".editor")) return does.leave(event.target) !== false;
  const open = event.target.closest(".opener");
  const code = event.target.closest("[data-code]")?.dataset.code;
  if (open && onRow(event, does, code, open)) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "/") return does.search() !== false;
  if (event.key === "?") return does.help() !== false;
  if (event.key === "Escape") return does.leave(event.target) !== false;
  // Not handled: the letter itself then goes into the line.
  if (LETTER.test(event.key)) does.type();
  return false;
}

const isOpening = ({ key, ctrlKey, metaKey }) => key.toLowerCase() === "k" && (ctrlKey || metaKey);

// With Shift it brings again what was taken back.
const isUndo = ({ key, ctrlKey, metaKey }) => key.toLowerCase() === "z" && (ctrlKey || metaKey);

const MOVES = { ArrowDown: 1, ArrowUp: -1 };
const PANELS = { ArrowRight: 1, ArrowLeft: -1 };

function onRow(event, does, code, open) {
  const { key, ctrlKey, metaKey } = event;
  if (code && onItem(event, does, code, open)) return true;
  if (key in MOVES) return move(open, MOVES[key]);
  if (key === "Home" || key === "End") return end(open, key);
  return key in PANELS && !ctrlKey && !metaKey && toPanel(open, PANELS[key]);
}

function onItem(event, does, code, open) {
  const { key, ctrlKey, metaKey, shiftKey } = event;
  if (key === "Enter" && (ctrlKey || metaKey)) return does.act("check", code, open) !== false;
  if (key === "Delete") return does.act("drop", code, open) !== false;
  if (event.altKey && (key === "ArrowUp" || key === "ArrowDown"))
    return does.act(key === "ArrowUp" ? "up" : "down", code, open) !== false;
  if (key === "F2") return does.act("update", code, open) !== false;
  const isMenu = key === "." || key === "ContextMenu" || (key === "F10" && shiftKey);
  return isMenu && does.act("menu", code, open) !== false;
}

const stopsIn = (element) => [...element.closest("[data-list]").querySelectorAll(".opener")];

function move(open, step) {
  const stops = stopsIn(open);
  stops[stops.indexOf(open) + step]?.focus();
  return true;
}

function end(open, key) {
  stopsIn(open)
    .at(key === "Home" ? 0 : -1)
    .focus();
  return true;
}

// To the item of the next panel that was looked at last.
function toPanel(open, step) {
  const stops = [...document.querySelectorAll('.opener[tabindex="0"]')].filter((stop) => stop.checkVisibility());
  stops[(stops.indexOf(open) + step + stops.length) % stops.length]?.focus();
  return true;
}

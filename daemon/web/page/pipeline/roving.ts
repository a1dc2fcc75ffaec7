/** Arrow keys, Home and End among the buttons of a grid: one of them is in the tab order, and it moves along. */
export function moveFocus(event: KeyboardEvent): void {
  const from = event.target;
  if (!(from instanceof HTMLButtonElement)) return;
  const to = targetOf(event.key, from);
  if (to === undefined) return;
  event.preventDefault();
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

function targetOf(key: string, from: HTMLButtonElement): HTMLButtonElement | undefined {
  const row = from.closest('[role="row"]');
  if (row === null) return undefined;
  const buttons = buttonsOf(row);
  const at = buttons.indexOf(from);
  switch (key) {
    case "ArrowRight":
      return buttons[at + 1];
    case "ArrowLeft":
      return buttons[at - 1];
    case "Home":
      return buttons[0];
    case "End":
      return buttons.at(-1);
    case "ArrowDown":
      return nearest(rowsOf(row, "nextElementSibling"), from);
    case "ArrowUp":
      return nearest(rowsOf(row, "previousElementSibling"), from);
    default:
      return undefined;
  }
}

function* rowsOf(row: Element, way: "nextElementSibling" | "previousElementSibling"): Generator<Element> {
  for (let next = row[way]; next !== null; next = next[way]) yield next;
}

/** Of the first row that has any, the button that stands nearest in time. */
function nearest(rows: Iterable<Element>, from: HTMLElement): HTMLButtonElement | undefined {
  const distance = (button: HTMLElement) => Math.abs(button.getBoundingClientRect().x - from.getBoundingClientRect().x);
  for (const row of rows) {
    const [first] = buttonsOf(row).sort((left, right) => distance(left) - distance(right));
    if (first) return first;
  }
  return undefined;
}

function buttonsOf(row: Element): HTMLButtonElement[] {
  return [...row.querySelectorAll("button")];
}

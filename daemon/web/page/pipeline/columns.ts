/** The least width of a cell that a finger hits (WCAG 2.2, 2.5.8), with its gap; pixels. */
const CELL_PX = 26;
const NAME_PX = 178;
const PHONE_PX = 560;

const observers = new WeakMap<Element, ResizeObserver>();
let told: ((columns: number) => void) | undefined;

/** Tells how many columns fit into an element, now and whenever its width changes. */
export function fitColumns(tell: (columns: number) => void): (element: Element | undefined) => void {
  told = tell;
  return observe;
}

/** One function for good: what is new in a drawing would be taken off and put on again. */
function observe(element: Element | undefined): void {
  if (element === undefined || observers.has(element)) return;
  const observer = new ResizeObserver(([entry]) => {
    const width = entry?.contentRect.width ?? 0;
    // On a phone the tables' names stand above their cells.
    if (width > 0) told?.(Math.max(8, Math.floor((width - (width < PHONE_PX ? 0 : NAME_PX)) / CELL_PX)));
  });
  observer.observe(element);
  observers.set(element, observer);
}

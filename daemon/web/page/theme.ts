export type Theme = "auto" | "light" | "dark";

const KEY = "tidemark-theme";
const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };

/** What the visitor chose; `auto` follows the system. */
export function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "auto";
}

export function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Goes on to the next theme, and keeps it for the next visit. */
export function nextTheme(): void {
  const theme = NEXT[chosenTheme()];
  localStorage.setItem(KEY, theme);
  applyTheme(theme);
}

/** Calls back when the colours have changed, by choice or by the system. */
export function onThemeChange(changed: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

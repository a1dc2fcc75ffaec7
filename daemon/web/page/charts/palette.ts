/** The page's colours as a canvas needs them. */
export type Palette = {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly surface: string;
  /** The colour of data, and shades of it from strong to weak. */
  readonly data: string;
  readonly second: string;
  readonly shades: readonly string[];
  readonly diverged: string;
  readonly warning: string;
  readonly family: string;
  readonly animated: boolean;
};

const SHADES = 6;
let known: Palette | undefined;

/** Reads the tokens of `style/tokens.css` once for each theme: the same object until `forgetPalette`. */
export function palette(): Palette {
  known ??= readPalette();
  return known;
}

export function forgetPalette(): void {
  known = undefined;
}

function readPalette(): Palette {
  const probe = document.createElement("span");
  document.body.append(probe);
  const token = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    text: token("text"),
    quiet: token("quiet"),
    line: token("line"),
    surface: token("surface"),
    data: token("data"),
    second: token("second"),
    shades: Array.from({ length: SHADES }, (_, at) => token(`shade-${at + 1}`)),
    diverged: token("diverged"),
    warning: token("healing"),
  };
  const family = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return { ...colours, family, animated: !matchMedia("(prefers-reduced-motion: reduce)").matches };
}

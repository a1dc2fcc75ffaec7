import file from "@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans-latin-wght-normal.woff2" with { type: "file" };

const LONGEST_MS = 400;

/**
 * Loads the page's type before anything is drawn, so that no line moves when it comes; without it after 400 ms. From a
 * file of its own: in the style sheet Bun would inline it as `data:`, which the content policy refuses.
 */
export async function loadFont(): Promise<void> {
  const face = new FontFace("IBM Plex Sans Variable", `url("${new URL(file, location.href)}")`, { weight: "100 700" });
  document.fonts.add(face);
  const loaded = face.load().then(
    () => {},
    () => {},
  );
  await Promise.race([loaded, new Promise<void>((resolve) => setTimeout(resolve, LONGEST_MS))]);
}

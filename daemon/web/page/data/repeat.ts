/** Runs `work` when asked to, at most once every `leastMs`, never twice at once; what is asked meanwhile runs after. */
export function atMostEvery(leastMs: number, work: () => Promise<void>): () => void {
  let asked = false;
  let running = false;
  const run = async () => {
    if (running) return;
    running = true;
    while (asked) {
      asked = false;
      await work();
      await new Promise((resolve) => setTimeout(resolve, leastMs));
    }
    running = false;
  };
  return () => {
    asked = true;
    void run();
  };
}

import { Presets, SingleBar } from "cli-progress";
import type { Log } from "../log.ts";
import type { ReplayProgress } from "./replay.ts";

const LINE_MS = 10_000;
const BAR_MS = 250;

/**
 * Shows how a replay goes: a bar on a terminal, otherwise a line every 10 s. It goes by the clock, not by the rows: in
 * real time they may be minutes apart.
 */
export function showProgress(log: Log, terminal: boolean, nowMs: () => number = Date.now) {
  const bar = terminal
    ? new SingleBar(
        { format: "{bar} {percentage}% | {text}", hideCursor: true, clearOnComplete: true },
        Presets.shades_grey,
      )
    : undefined;
  let first: { progress: ReplayProgress; ms: number } | undefined;
  let latest: ReplayProgress | undefined;
  const show = () => {
    if (latest === undefined || first === undefined) return;
    const text = progressText(latest, nowMs() - first.ms, first.progress);
    if (bar === undefined) return log.info(text);
    if (!bar.isActive) bar.start(latest.totalBytes, latest.bytes, { text });
    bar.update(latest.bytes, { text });
  };
  const timer = setInterval(show, terminal ? BAR_MS : LINE_MS);
  return {
    update(progress: ReplayProgress) {
      first ??= { progress, ms: nowMs() };
      latest = progress;
    },
    stop() {
      clearInterval(timer);
      bar?.stop();
    },
  };
}

/** Rate since the first look, lag behind schedule, and time left at the pace so far; pure. */
export function progressText(progress: ReplayProgress, elapsedMs: number, first: ReplayProgress): string {
  const seconds = Math.max(1, elapsedMs) / 1000;
  const rate = Math.round((progress.rows - first.rows) / seconds);
  const done = progress.bytes - first.bytes;
  const left = done > 0 ? Math.round(((progress.totalBytes - progress.bytes) / done) * seconds) : undefined;
  return `${progress.rows} rows, ${rate} rows/s, lag ${(progress.lagMs / 1000).toFixed(1)} s, ${left ?? "?"} s left`;
}

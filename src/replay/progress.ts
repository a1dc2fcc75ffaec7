import { Presets, SingleBar } from "cli-progress";
import type { Log } from "../log.ts";
import type { ReplayProgress } from "./replay.ts";

const LINE_MS = 10_000;

/** Shows how a replay goes: a bar on a terminal, otherwise a line every 10 s. */
export function showProgress(log: Log, terminal: boolean, nowMs: () => number = Date.now) {
  const startMs = nowMs();
  const bar = terminal
    ? new SingleBar({ format: "{bar} {percentage}% | {text}", hideCursor: true }, Presets.shades_grey)
    : undefined;
  let shownMs = startMs;
  let firstBytes: number | undefined;
  return {
    update(progress: ReplayProgress) {
      firstBytes ??= progress.bytes;
      const elapsedMs = Math.max(1, nowMs() - startMs);
      const text = progressText(progress, elapsedMs, firstBytes);
      if (bar) {
        if (!bar.isActive) bar.start(progress.totalBytes, 0, { text });
        bar.update(progress.bytes, { text });
      } else if (nowMs() - shownMs >= LINE_MS) {
        shownMs = nowMs();
        log.info(text);
      }
    },
    stop: () => bar?.stop(),
  };
}

/** Rate, lag behind schedule and time left; pure. */
export function progressText(progress: ReplayProgress, elapsedMs: number, firstBytes: number): string {
  const rate = Math.round((progress.rows * 1000) / elapsedMs);
  const done = progress.bytes - firstBytes;
  const left = done > 0 ? Math.round(((progress.totalBytes - progress.bytes) / done) * (elapsedMs / 1000)) : undefined;
  return `${progress.rows} rows, ${rate} rows/s, lag ${(progress.lagMs / 1000).toFixed(1)} s, ${left === undefined ? "?" : left} s left`;
}

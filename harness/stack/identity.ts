import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * What tells a process from a later one with the same id: its start time, and the boot it belongs to. `undefined` for
 * one that is gone, or that has exited and only waits to be reaped.
 */
export function identityOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = readStat(pid);
    return stat === undefined || hasExited(pid, stat.state) ? undefined : `${bootId()} ${stat.startTicks}`;
  }
  const [state, ...started] = ps(["-o", "stat=,lstart=", "-p", String(pid)])
    .trim()
    .split(/\s+/);
  return !state || state.startsWith("Z") ? undefined : started.join(" ");
}

/** A process as another one notes it down, to find it again later. */
export interface ProcessNote {
  readonly pid: number;
  /** Undefined when it was gone already. */
  readonly identity?: string | undefined;
}

/** A process, to be noted down. */
export function noteOf(pid: number): ProcessNote {
  return { pid, identity: identityOf(pid) };
}

/** Whether a process that was noted down is still there, rather than gone, or another one with its id. */
export function isAlive({ pid, identity }: ProcessNote): boolean {
  return identity !== undefined && identityOf(pid) === identity;
}

/** Whether a process has been stopped by SIGSTOP. */
export function isStopped(pid: number): boolean {
  if (process.platform === "linux") return readStat(pid)?.state === "T";
  return ps(["-o", "stat=", "-p", String(pid)])
    .trim()
    .startsWith("T");
}

/** The ids of all processes that descend from `pid`. */
export function descendantsOf(pid: number): number[] {
  const parents = process.platform === "linux" ? parentsFromProc() : parentsFromPs();
  const found = [pid];
  for (const ancestor of found) {
    for (const [child, parent] of parents) if (parent === ancestor) found.push(child);
  }
  return found.slice(1);
}

/** Ids of processes whose working directory is `folder`. Known on Linux only; empty elsewhere. */
export function processesIn(folder: string): number[] {
  if (process.platform !== "linux") return [];
  return processIds().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder && identityOf(pid) !== undefined;
    } catch {
      return false;
    }
  });
}

/** Fields 3, 4 and 22 of /proc/PID/stat (proc_pid_stat(5)); the name before them may hold blanks and brackets. */
export function parseStat(text: string): { state: string; parent: number; startTicks: string } | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, startTicks] = [fields[0], fields[1], fields[19]];
  if (!state || parent === undefined || startTicks === undefined) return undefined;
  return { state, parent: Number(parent), startTicks };
}

function readStat(pid: number) {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** A killed process is a zombie as soon as its first thread ends; its sockets stay open until the last one has. */
function hasExited(pid: number, state: string): boolean {
  if (state !== "Z") return false;
  try {
    return readdirSync(`/proc/${pid}/task`).length <= 1;
  } catch {
    return true;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function processIds(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentsFromProc(): [number, number][] {
  return processIds().flatMap((pid) => {
    const stat = readStat(pid);
    return stat === undefined ? [] : [[pid, stat.parent] as [number, number]];
  });
}

function parentsFromPs(): [number, number][] {
  return ps(["-A", "-o", "pid=,ppid="])
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}

function ps(flags: string[]): string {
  return Bun.spawnSync(["ps", ...flags], { env: { PATH: "/usr/bin:/bin", LC_ALL: "C" } }).stdout.toString();
}

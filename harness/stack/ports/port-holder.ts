import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Who listens on a TCP port, as "process 123 (java)". Undefined when that is not known, or not ours to see. */
export function portHolder(port: number): string | undefined {
  const found = process.platform === "linux" ? findInProc(port) : findWithLsof(port);
  return found && `process ${found.pid} (${found.name})`;
}

/** Inodes of the sockets that listen on a port, from the text of /proc/net/tcp (proc_net(5): state 0A is LISTEN). */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === "0A")
    .flatMap((fields) => fields[9] ?? []);
}

function findInProc(port: number): { pid: number; name: string } | undefined {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((file) => attempt(() => readFileSync(file, "utf8")) ?? "");
  const wanted = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`));
  if (wanted.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const handles = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
    if (!handles.some((handle) => wanted.has(attempt(() => readlinkSync(`/proc/${pid}/fd/${handle}`)) ?? ""))) continue;
    return { pid: Number(pid), name: attempt(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim()) ?? "?" };
  }
  return undefined;
}

function findWithLsof(port: number): { pid: number; name: string } | undefined {
  const output = attempt(() =>
    Bun.spawnSync(["lsof", "-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]).stdout.toString(),
  );
  const match = /^p(\d+)\nc(.*)$/m.exec(output ?? "");
  return match ? { pid: Number(match[1]), name: match[2] ?? "?" } : undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

import ipaddr from "ipaddr.js";

/** The name or address of a `Host` header or of a setting, without port and brackets; null where it is none. Pure. */
export function hostName(host: string | null): string | null {
  if (host === null || /[/?#@\\\s]/.test(host)) return null;
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  return name === "" ? null : name.replace(/^\[|\]$/g, "");
}

/** Whether a name or address is this machine's own, which nobody else can reach; pure. */
export function isLoopback(name: string): boolean {
  if (name === "localhost") return true;
  return ipaddr.isValid(name) && ipaddr.process(name).range() === "loopback";
}

/** The host of a setting as a `Host` header would have it: `::1` is `[::1]`. Pure. */
export function bracketed(host: string): string {
  return ipaddr.IPv6.isValid(host) ? `[${host}]` : host;
}

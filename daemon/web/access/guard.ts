import ipaddr from "ipaddr.js";
import { hostName, isLoopback } from "./hosts.ts";

/** What of a request says where it comes from. */
export type Visit = {
  readonly method: string;
  readonly host: string | null;
  readonly origin: string | null;
  readonly fetchSite: string | null;
  readonly fetchMode: string | null;
  readonly contentType: string | null;
};

/** Where the server is, and by which names it is reached. */
export type Place = {
  readonly bindHost: string;
  /** WATCHDOG_URL; empty where it is not set. */
  readonly publicUrl: string;
  readonly machineName: string;
};

export type Refusal = { readonly status: 400 | 401 | 403 | 415; readonly error: string; readonly expected: string };

/**
 * Why a request is not from our own page or from a program that knows this address; null where it may be. Against DNS
 * rebinding, `Host` must be an address or a name that we know: a rebound name is the attacker's. Against cross-site
 * requests, a browser's own word (`Origin`, `Sec-Fetch-Site`) counts, and a change's body must be JSON, which no form can
 * send. Pure.
 */
export function refusalOf(visit: Visit, place: Place): Refusal | null {
  const name = hostName(visit.host);
  if (name === null || !isKnown(name, place)) {
    const expected = "an address, localhost, or the host of WATCHDOG_URL";
    return { status: 403, error: "this host is not known here", expected };
  }
  const isChange = visit.method !== "GET" && visit.method !== "HEAD";
  const isNavigation = !isChange && visit.fetchMode === "navigate";
  if (!isNavigation && visit.fetchSite !== null && !["same-origin", "none"].includes(visit.fetchSite)) {
    return { status: 403, error: "a request from another site", expected: "one from this page, or from no page" };
  }
  if (visit.origin !== null && !isOwnOrigin(visit.origin, visit.host, place)) {
    return { status: 403, error: "a request from another origin", expected: "this page's own origin, or none" };
  }
  if (isChange && visit.method !== "DELETE" && !isJson(visit.contentType)) {
    return { status: 415, error: "a body that is not JSON", expected: "content-type: application/json" };
  }
  return null;
}

/** Whether anybody who reaches the server may read: only on this machine, by this machine's own names. Pure. */
export function isOpenToRead(visit: Pick<Visit, "host">, place: Pick<Place, "bindHost">): boolean {
  const name = hostName(visit.host);
  return isLoopback(place.bindHost) && name !== null && isLoopback(name);
}

function isKnown(name: string, { publicUrl, machineName, bindHost }: Place): boolean {
  if (ipaddr.isValid(name) || name === "localhost") return true;
  const known = [URL.parse(publicUrl)?.hostname, machineName.toLowerCase(), bindHost.toLowerCase()];
  return known.includes(name.toLowerCase());
}

/** A proxy may speak TLS to the browser, and not to us: so WATCHDOG_URL's origin is ours too. */
function isOwnOrigin(origin: string, host: string | null, { publicUrl }: Place): boolean {
  if (origin === URL.parse(publicUrl)?.origin) return true;
  return host !== null && origin === URL.parse(`http://${host}`)?.origin;
}

function isJson(contentType: string | null): boolean {
  return contentType?.split(";")[0]?.trim().toLowerCase() === "application/json";
}

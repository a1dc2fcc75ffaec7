import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";

export type Address = { readonly address: string; readonly family: number };

/** All addresses of a name. @throws Error when there are none */
export type Resolve = (name: string) => Promise<readonly Address[]>;

/** Asks the system, as every program does: hosts file, then DNS. */
export const systemResolve: Resolve = (name) => lookup(name, { all: true });

/**
 * The addresses that a message may be sent to. A connection has to be made to them, not to the name: the name may mean
 * something else the next moment (DNS rebinding).
 * @param hostname of a URL: a name, an IPv4 address, or an IPv6 address in brackets
 * @throws RefusedAddress when any of them is not public, and that is not allowed; Error when the name has none
 */
export async function judgedAddresses(
  hostname: string,
  resolve: Resolve,
  allowPrivate: boolean,
): Promise<readonly Address[]> {
  const literal = hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = ipaddr.isValid(literal)
    ? [{ address: literal, family: ipaddr.parse(literal).kind() === "ipv6" ? 6 : 4 }]
    : await resolve(hostname);
  if (addresses.length === 0) throw new Error(`${hostname} has no address`);
  const refused = addresses.find(({ address }) => !isPublic(address));
  if (refused !== undefined && !allowPrivate) throw new RefusedAddress(hostname, refused.address);
  return addresses;
}

/** An address that webhooks are not sent to. */
export class RefusedAddress extends Error {
  override readonly name = "RefusedAddress";
  constructor(hostname: string, address: string) {
    super(
      `${hostname} is at ${address} (${rangeOf(address)}), which is no public address; ` +
        "use a public one, or allow private addresses for this channel",
    );
  }
}

/** Whether an address is one of the public Internet's, by IANA's registries of special-purpose addresses. */
export function isPublic(address: string): boolean {
  return rangeOf(address) === "unicast";
}

/** All that IANA has given out of IPv6 for general use; ipaddr.js takes `::7f00:1`, which is `::127.0.0.1`, for public. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

function rangeOf(text: string): string {
  if (!ipaddr.isValid(text)) return "no IP address";
  const address = ipaddr.parse(text);
  const range = address.range();
  return range === "unicast" && address instanceof ipaddr.IPv6 && !address.match(GLOBAL_UNICAST) ? "reserved" : range;
}

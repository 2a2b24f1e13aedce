import { lookup as resolveName, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The address is not one that events may be sent to. Its text names no address: who resolves a name may be told nothing. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  readonly code = 'ADDRESS_REFUSED';
}

const GLOBAL = ipaddr.IPv6.parse('2000::');

/** Whether an address is of the public Internet: what is private, of this machine, of its network, mapped or kept for other uses is not. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  const isOfUse = address.range() === 'unicast';
  return address instanceof ipaddr.IPv6 ? isOfUse && address.match(GLOBAL, 3) : isOfUse;
}

type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Looks names up for a connection, and refuses when one of the addresses is not allowed. The connection goes to exactly what was looked at: a
 * name that means something else a moment later changes nothing.
 */
export function lookupAllowed(allows: (address: string) => boolean, resolve: Resolve = resolveName): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) {
        done(error, '', 4);
        return;
      }
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => allows(address))) done(new AddressRefused(), '', 4);
      else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

/** A host that is an address itself is never looked up: it is judged before. */
export function literalAddress({ hostname }: URL): string | null {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(host) === 0 ? null : host;
}

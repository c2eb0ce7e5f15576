import { networkInterfaces } from 'node:os';

/** The name of the interface that has an address, empty where none does (any more). */
export function interfaceWith(ip: string): string {
  const found = Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ address }) => address === ip));
  return found?.[0] ?? '';
}

/** This machine's IPv4 addresses that others can reach, or loopback where there are none. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const ips = all.filter((i) => i.family === 'IPv4').map((i) => i.address);
  const outside = ips.filter((ip) => !ip.startsWith('127.'));
  return outside.length > 0 ? outside : ips;
}

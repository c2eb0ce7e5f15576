import type { NetworkInterfaceInfo } from 'node:os';
import { directedBroadcast, inSubnet, isLoopback } from './ipv4.js';

/** One IPv4 address of this machine that we announce on. */
export interface Interface {
  readonly name: string;
  readonly ip: string;
  readonly netmask: string;
  /** Directed broadcast address; '' where the subnet has none. */
  readonly broadcast: string;
  readonly loopback: boolean;
}

/** Bridges and cables into containers and virtual machines of this very machine: nobody sits there. */
const VIRTUAL =
  /^(docker|br-|veth|virbr|vboxnet|vmnet|vmenet|cni|cali|flannel|podman|lxcbr|lxdbr|vEthernet|VirtualBox|VMware)/;

/**
 * The interfaces to announce on, by name, loopback last.
 *
 * Loopback is always among them: it costs the network nothing, and through it several profiles on one machine find each
 * other whatever its other interfaces do. A link-local address (169.254/16, nobody answered with a better one) and a
 * virtual bridge are left out, except when named, and except a bridge where nothing else is there: inside a container
 * or a lab the only interface may be called veth0.
 *
 * @param selection EARSHOT_INTERFACES: names to use, `!name` to leave one out; empty for all usable ones
 */
export function usableInterfaces(
  found: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  selection: readonly string[],
): Interface[] {
  const use = selection.filter((name) => !name.startsWith('!'));
  const wanted = all(found).filter(({ name }) => !selection.includes(`!${name}`));

  const loopback = wanted.filter((one) => one.loopback);
  const others = wanted.filter((one) => !one.loopback);
  if (use.length > 0) return [...others.filter(({ name }) => use.includes(name)), ...loopback];

  const routable = others.filter(({ ip }) => !ip.startsWith('169.254.'));
  const real = routable.filter(({ name }) => !VIRTUAL.test(name));
  return [...(real.length > 0 ? real : routable), ...loopback];
}

/** One that is left out, and why. */
export interface Skipped {
  readonly name: string;
  readonly ip: string;
  readonly reason: 'setting' | 'link-local' | 'virtual';
}

/** What `usableInterfaces` leaves out: what the setting did not is an address that nobody gave, or a virtual bridge. */
export function skippedInterfaces(
  found: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  selection: readonly string[],
): Skipped[] {
  const used = new Set(usableInterfaces(found, selection).map(keyOf));
  const named = selection.some((name) => !name.startsWith('!'));
  return all(found)
    .filter((one) => !used.has(keyOf(one)))
    .map(({ name, ip }) => {
      if (named || selection.includes(`!${name}`)) return { name, ip, reason: 'setting' };
      return { name, ip, reason: ip.startsWith('169.254.') ? 'link-local' : 'virtual' };
    });
}

export function keyOf({ name, ip, netmask }: Interface): string {
  return `${name} ${ip} ${netmask}`;
}

/** The interface whose subnet an address lies in. */
export function interfaceFor(ip: string, interfaces: readonly Interface[]): Interface | undefined {
  return interfaces.find((one) => one.ip === ip) ?? interfaces.find((one) => inSubnet(ip, one));
}

/** Every IPv4 address of this machine, by name, loopback last. */
function all(found: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>): Interface[] {
  return Object.entries(found)
    .flatMap(([name, addresses = []]) =>
      addresses
        .filter(({ family }) => family === 'IPv4')
        .map(({ address, netmask }) => describe(name, address, netmask)),
    )
    .sort((a, b) => Number(a.loopback) - Number(b.loopback) || compare(a.name, b.name) || compare(a.ip, b.ip));
}

function describe(name: string, ip: string, netmask: string): Interface {
  return { name, ip, netmask, broadcast: directedBroadcast(ip, netmask), loopback: isLoopback(ip) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where a dial may go at all (presence-v1 §5): an announcer must not be able to aim a whole network at a victim. */
import { isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

export interface DialTarget {
  readonly ip: string;
  readonly port: number;
}

/** Parses `ip:port`; undefined for anything else. */
export function parseAddress(address: string): DialTarget | undefined {
  const at = address.lastIndexOf(':');
  const ip = address.slice(0, at);
  const port = Number(address.slice(at + 1));
  return isIPv4(ip) && Number.isInteger(port) && port > 0 && port < 65536 ? { ip, port } : undefined;
}

/** What no announcement, peer or user can make us connect to. */
export function isForbiddenTarget({ ip, port }: DialTarget, interfaces: readonly NetworkInterfaceInfo[]): boolean {
  if (port < 1024) return true;
  const first = Number(ip.split('.')[0]);
  // 0/8 is "this host" or nothing; 224/4 multicast; 240/4 reserved with 255.255.255.255; the cloud's metadata service.
  if (first === 0 || first >= 224 || ip === '169.254.169.254') return true;
  return interfaces.some(
    (i) => i.family === 'IPv4' && broadcastOf(i) === ip && !['255.255.255.254', '255.255.255.255'].includes(i.netmask),
  );
}

function broadcastOf({ address, netmask }: NetworkInterfaceInfo): string {
  const bits = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  // Arithmetic on unsigned values: JavaScript's bit operators are signed at 32 bits.
  const broadcast = (bits(address) | ~bits(netmask)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (broadcast >>> shift) & 255).join('.');
}

/** Arithmetic on IPv4 addresses in dotted form. Node hands them to us well formed; a peer's went through the codec. */

function toNumber(ip: string): number {
  return ip.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.');
}

/** What a dual-stack socket calls `::ffff:10.0.0.1` is 10.0.0.1, for comparisons and for limits. */
export function normaliseAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

export function isLoopback(ip: string): boolean {
  return ip.startsWith('127.');
}

export function inSubnet(ip: string, of: { readonly ip: string; readonly netmask: string }): boolean {
  const mask = toNumber(of.netmask);
  return ((toNumber(ip) ^ toNumber(of.ip)) & mask) === 0;
}

/** The subnet's broadcast address, or '' where there is none: a /31 and a /32 have hosts only (RFC 3021). */
export function directedBroadcast(ip: string, netmask: string): string {
  const hostBits = ~toNumber(netmask) >>> 0;
  return hostBits <= 1 ? '' : toText((toNumber(ip) | hostBits) >>> 0);
}

/** Whether one host can have the address: not this-network, loopback, multicast, reserved or broadcast (RFC 6890). */
export function isHostAddress(ip: string): boolean {
  const first = Number(ip.split('.', 1)[0]);
  return first > 0 && first < 224 && !isLoopback(ip);
}

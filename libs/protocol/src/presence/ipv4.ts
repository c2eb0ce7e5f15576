/** Dotted IPv4 addresses: the canonical spelling and nothing else, since 010.0.0.1 means different hosts to different parsers. */

const OCTET = '(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

export function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** @param ip a string that `isIpv4` accepts */
export function ipv4ToBytes(ip: string): Buffer {
  if (!isIpv4(ip)) throw new Error('bug: not an IPv4 address');
  return Buffer.from(ip.split('.').map(Number));
}

/** The address in the four bytes from an offset. */
export function ipv4FromBytes(bytes: Buffer, at: number): string {
  return bytes.subarray(at, at + 4).join('.');
}

import { isIPv4 } from 'node:net';
import { z } from 'zod';

/** Somebody beyond the local network. */
export interface PeerAddress {
  /** Host name or IPv4 address. */
  readonly host: string;
  readonly port: number;
}

/** Where a peer listens that names no port. */
const PEER_PORT = 7001;
const HOST_NAME = /^(?!-)[A-Za-z0-9_-]{1,63}(\.(?!-)[A-Za-z0-9_-]{1,63})*\.?$/;

/** `host[:port],…` */
export const peerList: z.ZodType<PeerAddress[], string> = commaList(
  z.string().transform((entry, context): PeerAddress => {
    const [, host = '', port = String(PEER_PORT)] = /^([^:]*)(?::(\d{1,5}))?$/.exec(entry) ?? [];
    if (!isHost(host) || Number(port) < 1 || Number(port) > 65535) {
      context.addIssue('not host or host:port');
      return z.NEVER;
    }
    return { host, port: Number(port) };
  }),
);

/** `name,…` or `!name,…`. Windows has names with spaces and letters of any script. */
export const interfaceList: z.ZodType<string[], string> = commaList(z.string().regex(/^!?[^!\p{C}][^\p{C}]{0,63}$/u));

/** Separated by commas, spaces around them do not count; nothing at all is the empty list. */
function commaList<T>(entry: z.ZodType<T, string>): z.ZodType<T[], string> {
  return z
    .string()
    .transform((text) => (text.trim() === '' ? [] : text.split(',').map((part) => part.trim())))
    .pipe(z.array(entry));
}

function isHost(host: string): boolean {
  // Digits and dots alone are an address, or a slip in one.
  return /^[\d.]+$/.test(host) ? isIPv4(host) : host.length <= 253 && HOST_NAME.test(host);
}

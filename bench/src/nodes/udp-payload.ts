/** How much a host sends over UDP, as its kernel counts it (nft). */
import type { Host } from '@earshot/testkit';

const TABLE = 'inet payload';
const HEADERS = { ip: 20 + 8, ip6: 40 + 8 } as const;

interface NftRule {
  readonly rule?: {
    readonly expr: readonly { readonly counter?: { readonly packets: number; readonly bytes: number } }[];
  };
}

export class UdpPayload {
  private constructor(private readonly host: Host) {}

  /** Counts what leaves by this interface from now on. */
  static async count(host: Host, networkInterface: string): Promise<UdpPayload> {
    const families = [
      ['ip', 'ipv4'],
      ['ip6', 'ipv6'],
    ] as const;
    const rules = families.map(
      ([, family]) =>
        `add rule ${TABLE} out oifname "${networkInterface}" meta nfproto ${family} meta l4proto udp counter`,
    );
    const script = [`add table ${TABLE}`, `add chain ${TABLE} out { type filter hook output priority 0; }`, ...rules];
    await nft(host, ['-f', '-'], script.join('\n'));
    return new UdpPayload(host);
  }

  /** Bytes so far, without the headers of IP and UDP. */
  async bytes(): Promise<number> {
    const listed = JSON.parse(await nft(this.host, ['-j', 'list', 'table', ...TABLE.split(' ')])) as {
      nftables: NftRule[];
    };
    const counters = listed.nftables.flatMap(({ rule }) => rule?.expr.flatMap(({ counter }) => counter ?? []) ?? []);
    const headers = [HEADERS.ip, HEADERS.ip6];
    return counters.reduce((sum, { packets, bytes }, n) => sum + bytes - packets * (headers[n] ?? 0), 0);
  }
}

async function nft(host: Host, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await host.exec('nft', args, { input });
  if (code !== 0) throw new Error(`nft ${args.join(' ')}: ${stderr}`);
  return stdout;
}

import { lookup } from 'node:dns/promises';
import { isIpv4 } from '@earshot/protocol';

/** The hosts of EARSHOT_PEERS and their IPv4 addresses. A name that does not resolve now may do so later. */
export class StaticPeers {
  private readonly resolved = new Map<string, string>();
  private resolving: Promise<unknown> | undefined;

  constructor(private readonly hosts: readonly string[]) {
    for (const host of hosts) if (isIpv4(host)) this.resolved.set(host, host);
  }

  /** What is known now. */
  get addresses(): string[] {
    return [...new Set(this.resolved.values())];
  }

  /** Looks the names up again; one look at a time, since an unreachable name server takes its time. */
  refresh(): void {
    const names = this.hosts.filter((host) => !isIpv4(host));
    this.resolving ??= Promise.all(names.map((name) => this.resolve(name))).finally(() => {
      this.resolving = undefined;
    });
  }

  private async resolve(name: string): Promise<void> {
    try {
      const { address } = await lookup(name, { family: 4 });
      this.resolved.set(name, address);
    } catch {
      // The address that it last had is the best guess.
    }
  }
}

import { inNamespace } from './namespaces.js';

/** What a rule is about; `tcp/7001` is TCP to that port. */
export type Traffic = 'all' | 'broadcast' | 'multicast' | 'udp' | 'tcp' | `udp/${number}` | `tcp/${number}`;

/** `inet` sees a host's own packets, `bridge` the frames that a switch passes on. */
type Family = 'inet' | 'bridge';

/** One table of nft rules, there from its first rule on. */
export class Rules {
  private present = false;

  /** @param hooks where packets meet the rules; each hook's chain bears its name */
  constructor(
    private readonly namespace: string,
    private readonly family: Family,
    private readonly name: string,
    private readonly hooks: readonly ('input' | 'output' | 'forward')[],
  ) {}

  /** @param verdict `drop`, `reject`, with conditions before it where there are any */
  add(hook: 'input' | 'output' | 'forward', where: string, traffic: Traffic, verdict: string): void {
    const table = `${this.family} ${this.name}`;
    const chains = this.hooks.map((at) => `add chain ${table} ${at} { type filter hook ${at} priority 0; }`);
    const rules = matches(traffic, this.family).map(
      (match) => `add rule ${table} ${hook} ${where} ${match} ${verdict}`,
    );
    this.run([`add table ${table}`, ...chains, ...rules]);
    this.present = true;
  }

  clear(): void {
    if (this.present) this.run([`delete table ${this.family} ${this.name}`]);
    this.present = false;
  }

  private run(lines: readonly string[]): void {
    inNamespace(this.namespace, ['nft', '-f', '-'], lines.join('\n'));
  }
}

/** Conditions of rules that together mean this traffic. Address resolution and neighbour discovery are no part of any but `all`. */
function matches(traffic: Traffic, family: Family): string[] {
  const [protocol, port] = traffic.split('/');
  if (port !== undefined) return [`${protocol} dport ${port}`];
  switch (traffic) {
    case 'all':
      return [''];
    case 'broadcast':
      // A switch knows no subnets: to it, broadcast is the address of the frame.
      return [family === 'bridge' ? 'ether type ip ether daddr ff:ff:ff:ff:ff:ff' : 'fib daddr type broadcast'];
    case 'multicast':
      return ['ip daddr 224.0.0.0/4', 'ip6 daddr ff00::/8 meta l4proto udp'];
    default:
      return [`meta l4proto ${traffic}`];
  }
}

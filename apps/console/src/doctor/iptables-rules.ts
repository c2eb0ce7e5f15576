/** The rules of iptables, as `iptables -S` prints them: `-P INPUT DROP`, `-A INPUT -p udp -m udp --dport 6004 -j ACCEPT`. */
import { judge, together, type Chain, type Fit, type Packet, type Rule, type Verdict } from './packet-filter.js';

export type IptablesRules = ReadonlyMap<string, Chain>;
const INPUT = 'INPUT';

export function readIptables(text: string): IptablesRules {
  const chains = new Map<string, Chain & { readonly rules: Rule[] }>();
  for (const line of text.split('\n')) {
    const [what, name = '', ...rest] = line.trim().split(/\s+/);
    if (what === '-P') chains.set(name, { rules: [], policy: rest[0] === 'ACCEPT' ? 'accept' : 'drop' });
    if (what === '-N') chains.set(name, { rules: [] });
    if (what === '-A') chains.get(name)?.rules.push(readRule(rest));
  }
  return chains;
}

/** Whether any rule could keep something out. */
export function filters(chains: IptablesRules): boolean {
  const input = chains.get(INPUT);
  return input !== undefined && (input.policy === 'drop' || input.rules.length > 0);
}

export function judgeIptables(chains: IptablesRules, packet: Packet): Verdict {
  return judge(chains, INPUT, packet);
}

const VERDICTS: Readonly<Record<string, Rule['does']>> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  REJECT: 'drop',
  RETURN: 'return',
  LOG: 'none',
};

function readRule(words: readonly string[]): Rule {
  const conditions: ((packet: Packet) => Fit)[] = [];
  let does: Rule['does'] = 'none';
  for (let i = 0; i < words.length; i++) {
    const option = words[i] ?? '';
    // An option that stands for its opposite has the sign in front of it.
    const negated = words[i - 1] === '!';
    const value = words[i + 1] ?? '';
    if (option === '!' || !option.startsWith('-')) continue;
    if (option === '-j' || option === '-g') {
      does = VERDICTS[value] ?? { jump: value, back: option === '-j' };
      // What follows says how it is rejected or logged.
      break;
    }
    if (option !== '-m') conditions.push((packet) => turned(fit(option, value, packet), negated));
  }
  return { fits: (packet) => together(conditions.map((condition) => condition(packet))), does };
}

function fit(option: string, value: string, { protocol, port }: Packet): Fit {
  switch (option) {
    case '-p':
      return value === protocol || value === 'all' ? 'yes' : 'no';
    case '--dport':
    case '--dports':
      return value.split(',').some((part) => isIn(part, port)) ? 'yes' : 'no';
    case '--state':
    case '--ctstate':
      return value.split(',').includes('NEW') ? 'yes' : 'no';
    case '-i':
      return value === 'lo' ? 'no' : 'maybe';
    case '--comment':
      return 'yes';
    default:
      return 'maybe';
  }
}

function turned(fit: Fit, negated: boolean): Fit {
  if (!negated || fit === 'maybe') return fit;
  return fit === 'yes' ? 'no' : 'yes';
}

/** `7001` or `1024:65535`. */
function isIn(part: string, port: number): boolean {
  const [from = '', to = from] = part.split(':');
  return port >= Number(from) && port <= Number(to);
}

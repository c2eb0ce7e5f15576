/** The rules of nftables, as `nft -j list ruleset` prints them (libnftables-json(5)). */
import { z } from 'zod';
import { judge, together, type Chain, type Fit, type Packet, type Rule, type Verdict } from './packet-filter.js';

const place = { family: z.string(), table: z.string() };
const ruleset = z.object({
  nftables: z.array(
    z.object({
      chain: z
        .object({ ...place, name: z.string(), hook: z.string().optional(), policy: z.string().optional() })
        .optional(),
      rule: z.object({ ...place, chain: z.string(), expr: z.array(z.record(z.string(), z.unknown())) }).optional(),
    }),
  ),
});

/** A chain through which what comes in must pass. */
export interface InputChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
}

export interface NftRules {
  readonly chains: ReadonlyMap<string, Chain>;
  readonly inputs: readonly InputChain[];
}

const FAMILIES = ['inet', 'ip'];

/** Undefined where it is nothing that nft prints. */
export function readNft(text: string): NftRules | undefined {
  const parsed = ruleset.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const chains = new Map<string, Chain & { readonly rules: Rule[] }>();
  const inputs: InputChain[] = [];
  for (const { chain } of parsed.data.nftables) {
    if (chain === undefined || !FAMILIES.includes(chain.family)) continue;
    const { hook, policy } = chain;
    const basic = hook === undefined ? {} : { policy: policy === 'drop' ? ('drop' as const) : ('accept' as const) };
    chains.set(keyOf(chain, chain.name), { rules: [], ...basic });
    if (hook === 'input') inputs.push({ family: chain.family, table: chain.table, name: chain.name });
  }
  for (const { rule } of parsed.data.nftables) {
    if (rule !== undefined) chains.get(keyOf(rule, rule.chain))?.rules.push(...readRule(rule, rule.expr));
  }
  return { chains, inputs };
}

/** Whether any rule of an input chain could keep something out. */
export function filters({ chains, inputs }: NftRules): boolean {
  return inputs.some((input) => {
    const chain = chains.get(keyOf(input, input.name));
    return chain !== undefined && (chain.policy === 'drop' || chain.rules.length > 0);
  });
}

/** What is let in must be let in by every chain. `closing` are those that certainly do not. */
export function judgeNft({ chains, inputs }: NftRules, packet: Packet): { verdict: Verdict; closing: InputChain[] } {
  const verdicts = inputs.map((input) => judge(chains, keyOf(input, input.name), packet));
  const closing = inputs.filter((_, i) => verdicts[i] === 'closed');
  const verdict = closing.length > 0 ? 'closed' : verdicts.includes('unknown') ? 'unknown' : 'open';
  return { verdict, closing };
}

function keyOf({ family, table }: { family: string; table: string }, chain: string): string {
  return JSON.stringify([family, table, chain]);
}

type Expression = Readonly<Record<string, unknown>>;
/** Statements that decide nothing. */
const SILENT = ['counter', 'log', 'notrack', 'mangle', 'set'];
/** Statements that let some pass and some not. */
const SOMETIMES = ['limit', 'quota', 'ct count'];

/** One rule, or one for each verdict of a map. */
function readRule(of: { family: string; table: string }, expressions: readonly Expression[]): Rule[] {
  const conditions: ((packet: Packet) => Fit)[] = [];
  const rules: Rule[] = [];
  const fits = (packet: Packet) => together(conditions.map((condition) => condition(packet)));
  for (const expression of expressions) {
    const [kind = '', value] = Object.entries(expression)[0] ?? [];
    if (kind === 'match') conditions.push(condition(value));
    else if (kind === 'vmap') rules.push(...verdictMap(of, value, fits));
    else if (SOMETIMES.includes(kind)) conditions.push(() => 'maybe');
    else if (!SILENT.includes(kind)) {
      const does = verdictOf(of, kind, value);
      rules.push({ fits, does });
    }
  }
  return rules;
}

function verdictOf(of: { family: string; table: string }, kind: string, value: unknown): Rule['does'] {
  switch (kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return kind;
    case 'reject':
      return 'drop';
    case 'jump':
    case 'goto': {
      const target = z.object({ target: z.string() }).safeParse(value);
      return target.success ? { jump: keyOf(of, target.data.target), back: kind === 'jump' } : 'anything';
    }
    default:
      return 'anything';
  }
}

const matchShape = z.object({ op: z.string(), left: z.record(z.string(), z.unknown()), right: z.unknown() });

function condition(value: unknown): (packet: Packet) => Fit {
  const match = matchShape.safeParse(value);
  if (!match.success || !['==', '!=', 'in'].includes(match.data.op)) return () => 'maybe';
  const { op, left, right } = match.data;
  return (packet) => {
    // Of another protocol there is no such field, whatever it is compared with.
    if (isForeign(left, packet)) return 'no';
    const fit = equals(left, right, packet);
    if (op !== '!=' || fit === 'maybe') return fit;
    return fit === 'yes' ? 'no' : 'yes';
  };
}

function equals(left: Expression, right: unknown, packet: Packet): Fit {
  const [kind = '', value] = Object.entries(left)[0] ?? [];
  const { key = '', protocol = '', field = '' } = (value ?? {}) as Readonly<Record<string, string>>;
  const what = `${kind} ${key || `${protocol} ${field}`}`;
  switch (what) {
    // The first packet of a stranger, from another machine.
    case 'ct state':
      return contains(right, 'new');
    case 'meta iif':
    case 'meta iifname':
      return contains(right, 'lo') === 'yes' ? 'no' : 'maybe';
    case 'meta nfproto':
      return contains(right, 'ipv4');
    case 'meta l4proto':
    case 'payload ip protocol':
      return contains(right, packet.protocol);
    case 'payload th dport':
      return contains(right, packet.port);
    case `payload ${packet.protocol} dport`:
      return contains(right, packet.port);
    default:
      return 'maybe';
  }
}

const payloadShape = z.object({ payload: z.object({ protocol: z.enum(['tcp', 'udp', 'icmp', 'icmpv6', 'ip6']) }) });

function isForeign(left: Expression, { protocol }: Packet): boolean {
  const of = payloadShape.safeParse(left);
  return of.success && of.data.payload.protocol !== protocol;
}

const rangeShape = z.object({ range: z.tuple([z.number(), z.number()]) });
const setShape = z.object({ set: z.array(z.unknown()) });

/** Whether a value is the right side of a match, or in it. */
function contains(right: unknown, value: string | number): Fit {
  if (Array.isArray(right)) return anyOf(right.map((one) => contains(one, value)));
  const set = setShape.safeParse(right);
  if (set.success) return contains(set.data.set, value);
  const range = rangeShape.safeParse(right);
  if (range.success && typeof value === 'number') {
    const [from, to] = range.data.range;
    return value >= from && value <= to ? 'yes' : 'no';
  }
  // A named set, and whatever else there is.
  if (typeof right === 'object' || (typeof right === 'string' && right.startsWith('@'))) return 'maybe';
  return right === value ? 'yes' : 'no';
}

function anyOf(fits: readonly Fit[]): Fit {
  if (fits.includes('yes')) return 'yes';
  return fits.includes('maybe') ? 'maybe' : 'no';
}

const vmapShape = z.object({
  key: z.record(z.string(), z.unknown()),
  data: z.object({ set: z.array(z.tuple([z.unknown(), z.record(z.string(), z.unknown())])) }),
});

function verdictMap(of: { family: string; table: string }, value: unknown, before: (packet: Packet) => Fit): Rule[] {
  const map = vmapShape.safeParse(value);
  if (!map.success) return [{ fits: before, does: 'anything' }];
  const { key, data } = map.data;
  return data.set.map(([element, verdict]) => {
    const [kind = '', target] = Object.entries(verdict)[0] ?? [];
    return {
      fits: (packet) => (isForeign(key, packet) ? 'no' : together([before(packet), equals(key, element, packet)])),
      does: verdictOf(of, kind, target),
    };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

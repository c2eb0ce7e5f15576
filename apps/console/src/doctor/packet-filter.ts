/**
 * What a packet filter does with the first packet of somebody else to one of our ports. Rules are read as far as they are
 * understood; where one that is not could have decided otherwise, the answer is that it is unknown.
 */

/** Does a rule apply to the packet? */
export type Fit = 'yes' | 'no' | 'maybe';
export type Verdict = 'open' | 'closed' | 'unknown';

export interface Packet {
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
}

export interface Rule {
  readonly fits: (packet: Packet) => Fit;
  /** `none` goes on with the next rule; what is not understood may be anything. */
  readonly does: 'accept' | 'drop' | 'return' | 'none' | 'anything' | { readonly jump: string; readonly back: boolean };
}

export interface Chain {
  readonly rules: readonly Rule[];
  /** What becomes of what no rule decides; undefined goes back to where it came from. */
  readonly policy?: 'accept' | 'drop';
}

/** Deeper than any set of rules that people write; chains in a circle are refused by the kernel. */
const DEPTH_MAX = 16;

export function judge(chains: ReadonlyMap<string, Chain>, start: string, packet: Packet): Verdict {
  const ends = walk(chains, start, packet, 0);
  const open = ends.has('accept') || ends.has('fall');
  if (ends.has('anything') || (open && ends.has('drop'))) return 'unknown';
  return open ? 'open' : 'closed';
}

type End = 'accept' | 'drop' | 'fall' | 'anything';

/** All ways in which it can end, `fall` through the end of the chain among them. */
function walk(chains: ReadonlyMap<string, Chain>, name: string, packet: Packet, depth: number): Set<End> {
  const chain = chains.get(name);
  if (chain === undefined || depth > DEPTH_MAX) return new Set(['anything']);
  const ends = new Set<End>();
  const fall: End = chain.policy ?? 'fall';
  for (const { fits, does } of chain.rules) {
    const fit = fits(packet);
    if (fit === 'no' || does === 'none') continue;
    if (typeof does === 'object') {
      const inner = walk(chains, does.jump, packet, depth + 1);
      const falls = inner.delete('fall');
      for (const end of inner) ends.add(end);
      if (falls && !does.back) ends.add(fall);
      if (fit === 'yes' && (!falls || !does.back)) return ends;
      continue;
    }
    ends.add(does === 'return' ? fall : does);
    if (fit === 'yes' && does !== 'anything') return ends;
  }
  return ends.add(fall);
}

/** @param all of a rule's conditions */
export function together(fits: readonly Fit[]): Fit {
  if (fits.includes('no')) return 'no';
  return fits.includes('maybe') ? 'maybe' : 'yes';
}

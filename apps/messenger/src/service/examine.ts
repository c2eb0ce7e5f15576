/** Tries what connects us with one peer, for `earshot doctor`. */
import { networkInterfaces } from 'node:os';
import type { MessengerContract, ReplyOf } from '@earshot/protocol/ipc';
import { reach } from '@earshot/runtime';
import type { Probing } from '../help/probing.js';
import { isForbiddenTarget, parseAddress } from '../net/dial-rules.js';
import type { Dialler } from '../net/dialler.js';
import type { Directory } from '../peers/directory.js';
import type { SessionRegistry } from '../session/session-registry.js';

export interface ExamineParts {
  readonly directory: Pick<Directory, 'addressesOf' | 'find' | 'rosterEntry'>;
  readonly registry: Pick<SessionRegistry, 'current'>;
  readonly dialler: Pick<Dialler, 'reach'>;
  readonly probing: Probing;
}
type Findings = ReplyOf<MessengerContract, 'examine'>;

/** A peer has three addresses, and those that a session or a friend named. */
const ADDRESSES_MAX = 5;

export async function examine(peerId: string, parts: ExamineParts): Promise<Findings> {
  const { directory } = parts;
  const addresses = directory.addressesOf(peerId).slice(0, ADDRESSES_MAX);
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const reached = await Promise.all(
    addresses.map(async (address) => {
      const target = parseAddress(address);
      const mayBe = target !== undefined && !isForbiddenTarget(target, interfaces);
      return { address, outcome: mayBe ? await reach(target) : ('not-tried' as const) };
    }),
  );
  const heardBy = directory.rosterEntry(peerId)?.heardBy ?? {};
  return { reached, heardBy, ...(await probe(peerId, parts)) };
}

async function probe(
  peerId: string,
  { directory, registry, dialler, probing }: ExamineParts,
): Promise<Pick<Findings, 'probe' | 'report'>> {
  const trust = directory.find(peerId)?.trust;
  if (trust !== 'accepted' && trust !== 'verified') return { probe: 'not-accepted', report: null };
  if (registry.current(peerId) === undefined) await dialler.reach(peerId);
  const session = registry.current(peerId);
  if (session === undefined) return { probe: 'no-session', report: null };
  if (!probing.understands(session)) return { probe: 'not-understood', report: null };
  const report = await probing.ask(session);
  return { probe: report === null ? 'unanswered' : 'answered', report };
}

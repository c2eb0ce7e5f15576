import { until, type EarshotNode } from '@earshot/testkit';

/** More than any test sends: the command then pages through everything. */
const EVERYTHING = '1000000';
const FEW = 5;

/** All messages of a conversation as one side has them, in the order of its commits. */
export function conversation(node: EarshotNode, peer: string): Promise<Record<string, unknown>[]> {
  return node.ask('history', peer, '--limit', EVERYTHING);
}

/** Waits until the newest message of ours to a peer is delivered: a stream is acknowledged in order, so all before it are, too. */
export function lastIsDelivered(node: EarshotNode, peer: string, id: unknown, timeoutMs = 120_000): Promise<unknown> {
  return until(
    `the last message of ${node.name} to ${peer} is delivered`,
    // Not looked for among the newest of the conversation: what the peer sent may have come after it in any number. While the
    // messenger starts again there is no answer.
    async () =>
      (await node.command(['why', String(id), '--json'])).json.some((event) => event['event'] === 'delivered'),
    timeoutMs,
  );
}

export interface Differences {
  /** Of these, the first few. */
  readonly missing: readonly string[];
  readonly twice: readonly string[];
  readonly unexpected: readonly string[];
  /** The first place where the order is another one, if what is there is right. */
  readonly outOfOrderAt: number | undefined;
}

/** What differs between two long lists that should be equal: short enough to be read where it fails. */
export function differences(expected: readonly unknown[], actual: readonly unknown[]): Differences {
  const wanted = new Set(expected.map(String));
  const seen = new Set<string>();
  const twice: string[] = [];
  for (const item of actual.map(String)) {
    if (seen.has(item)) twice.push(item);
    seen.add(item);
  }
  const missing = [...wanted].filter((item) => !seen.has(item));
  const unexpected = [...seen].filter((item) => !wanted.has(item));
  const kept = [...seen].filter((item) => wanted.has(item));
  const order = [...wanted].filter((item) => seen.has(item)).findIndex((item, i) => kept[i] !== item);
  return {
    missing: missing.slice(0, FEW),
    twice: twice.slice(0, FEW),
    unexpected: unexpected.slice(0, FEW),
    outOfOrderAt: order === -1 ? undefined : order,
  };
}

export const NONE: Differences = { missing: [], twice: [], unexpected: [], outOfOrderAt: undefined };

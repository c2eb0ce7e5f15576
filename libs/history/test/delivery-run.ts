import fc from 'fast-check';
import type { Change } from '@earshot/protocol/ipc';
import type { HistoryTransaction } from '../src/transaction.js';
import type { HistoryWriter } from '../src/writer.js';
import { ModelPeer, type ModelMessage } from './delivery-model.js';
import { messageId, peerId } from './fixture.js';

/** A step for one of two peers; `where` picks a position, in thousandths of those that there are. */
export const step = fc.record({
  kind: fc.constantFrom(
    'compose',
    'composeWired',
    'wire',
    'ack',
    'unack',
    'reject',
    'restart',
    'cancel',
    'forget',
    'receive' as const,
  ),
  peer: fc.constantFrom(0 as const, 1 as const),
  where: fc.integer({ min: 0, max: 1000 }),
  length: fc.nat({ max: 40 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
/** Ids are never used twice, so that all runs can share a database. */
let made = 0;

interface RunPeer {
  id: string;
  model: ModelPeer;
  received: number;
  /** Ids of what is to be seen, both ways, oldest first. */
  shown: string[];
}

/** Takes steps in the history and in the model, with peers of its own. */
export class Run {
  /** What a follower should see, as `id what`. */
  readonly log: string[] = [];
  /** Ids in the order in which they were stored, but for cancelled ones. */
  readonly stored = new Set<string>();
  private readonly peers: [RunPeer, RunPeer] = [this.newPeer(), this.newPeer()];

  constructor(private readonly history: HistoryWriter) {}

  /** Everything sent, not cancelled and not forgotten, with the state that it should have. */
  get sent(): ModelMessage[] {
    return this.peers.flatMap(({ model }) => shownOf(model));
  }

  /** The same step for the history and the model. */
  take(tx: HistoryTransaction, { kind, peer: which, where, length }: Step): void {
    const peer = this.peers[which];
    const { id, model } = peer;
    const upto = (max: number) => Math.round((where * max) / 1000);
    switch (kind) {
      case 'compose':
      case 'composeWired': {
        const message = { id: messageId(made++), text: 'é'.repeat(length), wired: kind === 'composeWired' };
        tx.compose({ ...message, peer: id, ctype: 1, sentAt: 1 });
        this.stored.add(message.id);
        peer.shown.push(message.id);
        model.compose(message.id, message.text, message.wired);
        return;
      }
      case 'receive': {
        const message = { id: messageId(made++), peer: id, stream: '11'.repeat(8), n: ++peer.received };
        tx.commitReceived({ ...message, sentAt: 1, ctype: 1, text: 'x' });
        this.stored.add(message.id);
        peer.shown.push(message.id);
        this.log.push(`${message.id} received`);
        return;
      }
      case 'forget': {
        const limit = Math.max(1, upto(peer.shown.length + 1));
        const { messages, isDone } = tx.forget({ peer: id, upto: Number.MAX_SAFE_INTEGER, limit });
        const forgotten = peer.shown.splice(0, limit);
        expect([messages, isDone]).toEqual([forgotten.length, forgotten.length < limit]);
        for (const each of forgotten) {
          model.forget(each);
          this.stored.delete(each);
        }
        if (messages > 0) this.log.push(`${id} forgotten`);
        return;
      }
      case 'restart':
        tx.restartStream(id);
        model.restart();
        return;
    }
    if (model.entries.length === 0) return;
    if (kind === 'wire') {
      tx.markWired(id, upto(model.entries.length));
      model.wire(upto(model.entries.length));
    } else if (kind === 'ack') {
      tx.markAcked(id, upto(model.wired));
      model.ack(upto(model.wired));
    } else if (kind === 'unack') {
      if (model.acked === 0) return;
      const mark = upto(model.acked - 1);
      tx.rewindAcked(id, mark);
      model.unack(mark);
    } else if (kind === 'reject') {
      tx.markRejected(id, upto(model.entries.length), 1);
      model.reject(upto(model.entries.length));
    } else {
      const n = upto(model.entries.length);
      const target = model.entries[n - 1];
      if (target === undefined) return;
      const result = tx.cancel(target.id);
      if (target.text === null) {
        expect(result).toBe('cancelled');
        return;
      }
      expect(result).toBe(model.mayCancel(n) ? 'cancelled' : 'already-sent');
      if (result !== 'cancelled') return;
      model.cancel(n);
      this.stored.delete(target.id);
      peer.shown.splice(peer.shown.indexOf(target.id), 1);
    }
  }

  compare(): void {
    for (const { id, model, shown } of this.peers) {
      const stream = this.history.outStream(id);
      const { made: count, wired, acked } = stream ?? { made: 0, wired: 0, acked: 0 };
      expect([count, wired, acked]).toEqual([model.entries.length, model.wired, model.acked]);
      const pending = this.history.pending(id, 0, 1000, 1_000_000);
      expect(pending.map(({ n, id, text }) => ({ n, id, text }))).toEqual(
        model.entries.map(({ id, text }, index) => ({ n: index + 1, id, text })),
      );
      expect(this.history.outboxSize(id)).toEqual({
        messages: model.entries.length - model.acked,
        bytes: model.entries.slice(model.acked).reduce((sum, { text }) => sum + Buffer.byteLength(text ?? ''), 0),
      });
      const sent = [...this.history.iterateConversation(id)].filter(({ direction }) => direction === 'sent');
      expect(sent.map(({ id, state }) => [id, state])).toEqual(shownOf(model).map(({ id, state }) => [id, state]));
      const page = this.history.page(id, { limit: 500 }).items;
      expect(page.map(({ id }) => id)).toEqual(shown);
    }
  }

  /** A transaction that changes what it can, and fails. */
  giveUp(): void {
    expect(() =>
      this.history.transaction((tx) => {
        for (const { id, model } of this.peers) {
          const first = model.entries[model.wired];
          if (first) tx.cancel(first.id);
          tx.compose({ id: messageId(made++), peer: id, text: 'x', ctype: 1, sentAt: 1, wired: true });
          tx.restartStream(id);
          tx.commitReceived({
            peer: id,
            stream: '22'.repeat(8),
            n: 1,
            id: messageId(made++),
            sentAt: 1,
            ctype: 1,
            text: 'x',
          });
        }
        throw new Error('given up');
      }),
    ).toThrow('given up');
  }

  private newPeer(): RunPeer {
    const model = new ModelPeer((id, what) => this.log.push(`${id} ${what}`));
    return { id: peerId(`peer ${made++}`), model, received: 0, shown: [] };
  }
}

/** Reads to the end in pages, and checks what every reader relies on. */
export function follow(history: HistoryWriter, after: number, limit: number): { items: Change[]; upto: number } {
  const all: Change[] = [];
  for (let cursor = after; ;) {
    const { items, upto } = history.changes(cursor, limit);
    if (items.length === 0 && upto === cursor) return { items: all, upto };
    expect(items.length).toBeLessThanOrEqual(limit);
    for (const { seq } of items) {
      expect(seq).toBeGreaterThan(all.at(-1)?.seq ?? after);
      expect(seq).toBeLessThanOrEqual(upto);
    }
    all.push(...items);
    cursor = upto;
  }
}

export const brief = (items: Change[]) =>
  items.map((change) => (change.event === 'forgotten' ? `${change.peer} forgotten` : `${change.id} ${change.state}`));

/** Without those that tell of no message in particular. */
export const aboutMessages = (items: Change[]) => items.filter((change) => change.event !== 'forgotten');

function shownOf({ everSent }: ModelPeer): ModelMessage[] {
  return everSent.filter(({ text }) => text !== null);
}

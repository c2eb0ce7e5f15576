/** Two parties, what happens to them step by step, and what must be true all the while and in the end. */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { connect } from './link.js';
import { Party } from './party.js';

/** A content type that may not be ignored and that nobody knows: the receiver refuses it (wire-v1 §5.4). */
const UNKNOWN_CTYPE = 0x90;
/** Rounds of reading everything and waiting a second after which two healthy parties must have come to rest. */
const ROUNDS_TO_REST = 60;

/** `where` and `count` pick among what there is; a step for which there is nothing does nothing. */
export const step = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('compose', 'read' as const) },
    { weight: 3, arbitrary: fc.constantFrom('connect', 'copy', 'restore' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'composeUnknown',
        'cancel',
        'cut',
        'crash',
        'setClock',
        'fill',
        'makeSpace',
        'wait' as const,
      ),
    },
  ),
  party: fc.constantFrom(0 as const, 1 as const),
  where: fc.nat({ max: 99 }),
  count: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 6 }) }, { weight: 1, arbitrary: fc.constant(80) }),
});
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

export class World {
  private monotonicMs = 0;
  readonly parties: readonly [Party, Party];
  /** Answered "queued", and not cancelled since; in this order. */
  private readonly queued: [string[], string[]] = [[], []];

  constructor() {
    const now = () => this.monotonicMs;
    this.parties = [new Party('alice', now), new Party('bob', now)];
  }

  remove(): void {
    for (const party of this.parties) party.remove();
  }

  async take({ kind, party: which, where, count }: Step): Promise<void> {
    const us = this.parties[which];
    const them = this.parties[which === 0 ? 1 : 0];
    switch (kind) {
      case 'compose':
        this.compose(which, them, count);
        break;
      case 'composeUnknown':
        us.change(() => {
          const message = { id: randomUUID(), peer: them.id, text: 'from the future', ctype: UNKNOWN_CTYPE, sentAt: 1 };
          us.history.transaction((tx) => tx.compose({ ...message, wired: false }));
          us.delivery.poke(them.id);
        });
        break;
      case 'cancel': {
        const queued = us.conversation(them).filter(({ state }) => state === 'queued');
        const target = queued[where % Math.max(1, queued.length)];
        if (target !== undefined) this.cancel(us, target.id);
        break;
      }
      case 'connect':
        if (us.ends.length < 2 && them.ends.length < 2) connect(us, them);
        break;
      case 'read': {
        const end = us.ends[where % Math.max(1, us.ends.length)];
        for (let i = 0; i < count && end?.read() === true; i++);
        break;
      }
      case 'cut': {
        const end = us.ends.at(-1);
        end?.other.incoming.splice(0);
        end?.end();
        break;
      }
      case 'crash':
        // What the operating system had not sent yet is gone with the machine.
        for (const { other } of us.ends) other.incoming.splice(Math.max(0, other.incoming.length - count));
        us.crash();
        break;
      case 'copy':
        us.copy();
        break;
      case 'restore':
        if (us.copyCount > 0) us.restore(where % us.copyCount);
        break;
      case 'setClock':
        us.wallClockMs = where < 10 ? 0 : us.wallClockMs + (where - 50) * 86_400_000;
        break;
      case 'fill':
        us.fill();
        break;
      case 'makeSpace':
        us.makeSpace();
        break;
      case 'wait':
        this.wait(count);
    }
    await this.turn();
    this.expectTruth();
  }

  /** Undisturbed and connected: everything arrives, and what cannot is known to both. */
  async settle(): Promise<void> {
    for (const party of this.parties) party.makeSpace();
    const [alice, bob] = this.parties;
    for (let round = 0; !this.isAtRest(); round++) {
      if (round === ROUNDS_TO_REST) throw new Error(`no rest: ${JSON.stringify(this.parties.map((p) => p.failures))}`);
      if (alice.ends.length === 0 && bob.ends.length === 0) connect(alice, bob);
      for (const party of this.parties) for (const end of [...party.ends]) while (end.read());
      await this.turn();
      if (!this.isReading()) this.wait(1);
      await this.turn();
    }
    this.expectTruth();
    this.expectCompleteness(alice, bob);
    this.expectCompleteness(bob, alice);
  }

  private compose(which: 0 | 1, them: Party, count: number): void {
    const us = this.parties[which];
    const messages = [...Array(count).keys()].map((i) => ({ id: randomUUID(), text: `${i}` }));
    us.delivery.send(them.id, messages).then(
      (outcomes) => {
        for (const outcome of outcomes) {
          expect(outcome).toMatchObject({ state: 'queued' });
          this.queued[which].push(outcome.id);
        }
      },
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'store-failed' });
      },
    );
  }

  private cancel(us: Party, id: string): void {
    us.delivery.cancel(id).then(
      (result) => {
        // Of one that a lost copy of us may have sent, nobody can say that it was not.
        expect(['cancelled', 'already-sent']).toContain(result);
      },
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'store-failed' });
      },
    );
  }

  /** Everything that is due now happens, timers of no delay and promises. */
  private async turn(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      jest.advanceTimersByTime(0);
      await Promise.resolve();
    }
  }

  private wait(seconds: number): void {
    for (let i = 0; i < seconds; i++) {
      this.monotonicMs += 1_000;
      jest.advanceTimersByTime(1_000);
    }
  }

  private isReading(): boolean {
    return this.parties.some(({ ends }) => ends.some(({ incoming }) => incoming.length > 0));
  }

  private isAtRest(): boolean {
    const [alice, bob] = this.parties;
    return (
      !this.isReading() &&
      [alice, bob].every(({ ends }) => ends.length === 1 && ends[0]?.isOpen === true) &&
      !alice.delivery.hasPending(bob.id) &&
      !bob.delivery.hasPending(alice.id)
    );
  }

  /** While nobody was set back: "delivered" is shown for what the other disk holds, in the same order, once. */
  private expectTruth(): void {
    const [alice, bob] = this.parties;
    if (alice.restores + bob.restores > 0) return;
    for (const [us, them] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const sent = us.conversation(them).filter(({ direction }) => direction === 'sent');
      const received = them.conversation(us).filter(({ direction }) => direction === 'received');
      const wanted = sent.filter(({ text }) => text !== 'from the future').map(({ id }) => id);
      expect(received.map(({ id }) => id)).toEqual(wanted.slice(0, received.length));
      const there = new Set(received.map(({ id }) => id));
      for (const { id, state, text } of sent) {
        // SYNC may say of a refused one that its position is held, a moment before REJECT says why.
        if (text !== 'from the future' && state === 'delivered') expect(there.has(id)).toBe(true);
      }
    }
  }

  /** What `us` holds, `them` holds, once; what only `them` holds, both were told of. */
  private expectCompleteness(us: Party, them: Party): void {
    const sent = us.conversation(them).filter(({ direction }) => direction === 'sent');
    const received = them.conversation(us).filter(({ direction }) => direction === 'received');
    const there = received.map(({ id }) => id);
    expect(new Set(there).size).toBe(there.length);
    for (const { id, text, state } of sent) {
      if (text === 'from the future') expect(state).toBe('rejected');
      else expect([state, there.includes(id)]).toEqual(['delivered', true]);
    }
    const here = new Set(sent.map(({ id }) => id));
    const onlyThere = there.filter((id) => !here.has(id));
    if (onlyThere.length === 0) return;
    expect(us.restores).toBeGreaterThan(0);
    expect(us.reports).toContain('us');
    if (sent.length > 0) expect(them.reports).toContain('peer');
  }
}

/** To be called in a spec file: a world for each test, and the clocks of timers in it. */
export function worldOfEachTest(): () => World {
  let world: World;
  beforeEach(() => {
    simulateTimers();
    world = new World();
  });
  afterEach(() => {
    world.remove();
    jest.useRealTimers();
  });
  return () => world;
}

/** Timers run when the world lets time pass, promises and the store as always. */
export function simulateTimers(): void {
  jest.useFakeTimers({ doNotFake: ['Date', 'performance', 'nextTick', 'queueMicrotask'] });
}

import fc from 'fast-check';
import { aboutMessages, brief, follow, Run, step } from '../test/delivery-run.js';
import { Fixture } from '../test/fixture.js';
import type { HistoryWriter } from './writer.js';

let fixture: Fixture;
let history: HistoryWriter;
beforeAll(() => {
  fixture = new Fixture();
  history = fixture.open();
});
afterAll(() => {
  fixture.remove();
});

describe('whatever is composed, sent, acknowledged, rejected, restarted, cancelled and forgotten', () => {
  it('the outbox is what the model is, and a follower of the feed is told of each change once', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 5 }),
        (steps, limit) => {
          const run = new Run(history);
          let cursor = history.lastSeq();
          for (const one of steps) {
            const before = run.log.length;
            history.transaction((tx) => {
              run.take(tx, one);
            });
            run.compare();
            const { items, upto } = follow(history, cursor, limit);
            expect(brief(items)).toEqual(run.log.slice(before));
            cursor = upto;
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('a late follower comes to the same end, however transactions and pages are cut, given-up ones between', () => {
    const transaction = fc.record({ steps: fc.array(step, { maxLength: 12, size: 'max' }), givenUp: fc.boolean() });
    fc.assert(
      fc.property(fc.array(transaction, { maxLength: 8 }), fc.integer({ min: 1, max: 20 }), (transactions, limit) => {
        const run = new Run(history);
        const start = history.lastSeq();
        for (const { steps, givenUp } of transactions) {
          if (givenUp) run.giveUp();
          history.transaction((tx) => {
            for (const one of steps) run.take(tx, one);
          });
        }
        run.compare();
        const all = follow(history, start, limit).items;
        expect(all).toEqual(follow(history, start, 500).items);
        const items = aboutMessages(all);

        const messages = items.filter(({ event }) => event === 'message').map(({ id }) => id);
        expect(messages).toEqual([...run.stored]);
        const states = new Map(items.map(({ id, state }) => [id, state]));
        for (const { id, state } of run.sent) expect([id, states.get(id)]).toEqual([id, state]);
      }),
      { numRuns: 100 },
    );
  });
});

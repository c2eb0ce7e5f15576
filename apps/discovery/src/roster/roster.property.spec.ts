import fc from 'fast-check';
import { AWAY_AFTER_MS, GOODBYE_COUNTER, ADDRESSES_PER_PEER } from '@earshot/protocol';
import { rosterEntry } from '@earshot/protocol/ipc';
import { Roster, type RosterEvent } from './roster.js';

const LIMITS = { total: 6, perIp: 3 };
const ids = ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((letter) => letter.repeat(51) + 'a');
const sources = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const at = (ms: number) => ({ ms, iso: new Date(ms).toISOString() });

/** Few of everything, so that what matters meets. */
const heard = fc.record({
  kind: fc.constant('heard' as const),
  id: fc.constantFrom(...ids),
  username: fc.string({ maxLength: 4 }),
  instance: fc.constantFrom('a'.repeat(16), 'b'.repeat(16)),
  counter: fc.oneof(fc.nat(4), fc.constantFrom(GOODBYE_COUNTER - 1, GOODBYE_COUNTER)),
  maxVersion: fc.nat(255),
  busy: fc.boolean(),
  status: fc.string({ maxLength: 4 }),
  ip: fc.constantFrom(...sources),
  port: fc.constantFrom(1, 1023, 7001, 65_535),
  source: fc.constantFrom(...sources),
  dialable: fc.boolean(),
});
const legacy = fc.record({
  kind: fc.constant('legacy' as const),
  username: fc.string({ maxLength: 4 }),
  port: fc.constantFrom(1, 7001, 7002, 65_535),
  source: fc.constantFrom(...sources),
});
const passes = fc.record({
  kind: fc.constant('passes' as const),
  ms: fc.constantFrom(1, 8_000, AWAY_AFTER_MS, 3_600_000),
});
const accepts = fc.record({ kind: fc.constant('accepts' as const), ids: fc.subarray(ids, { maxLength: 3 }) });

function apply(known: Map<string, unknown>, events: readonly RosterEvent[]): void {
  for (const event of events) {
    if (event.event === 'roster') known.set(event.key, event);
    else known.delete(event.key);
  }
}
const withoutTimes = (events: Iterable<unknown>) =>
  JSON.parse(
    JSON.stringify([...events], (key, value: unknown) => (key.startsWith('last') ? undefined : value)),
  ) as unknown;

it('whatever is heard, the roster tells its subscribers what it knows, in the form that they expect', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(heard, heard, legacy, passes, accepts), { maxLength: 60 }), (happenings) => {
      const roster = new Roster(LIMITS);
      const known = new Map<string, unknown>();
      let now = Date.UTC(2030, 0, 1);
      for (const one of happenings) {
        switch (one.kind) {
          case 'heard': {
            const said = { ...one, goodbye: one.counter === GOODBYE_COUNTER };
            const { events } = roster.hear(
              said,
              { source: one.source, interface: 'eth0', dialable: one.dialable, beyond: false, by: 'broadcast' },
              at(now),
            );
            apply(known, events);
            break;
          }
          case 'legacy':
            apply(
              known,
              roster.hearLegacy(
                one,
                { source: one.source, interface: '', dialable: false, beyond: false, by: 'broadcast' },
                at(now),
              ).events,
            );
            break;
          case 'passes':
            now += one.ms;
            apply(known, roster.expire(at(now)));
            break;
          case 'accepts':
            roster.accept(new Set(one.ids));
        }
        for (const { addresses } of roster.entries()) expect(addresses.length).toBeLessThanOrEqual(ADDRESSES_PER_PEER);
        expect(withoutTimes(known.values())).toEqual(withoutTimes(inOrderOf(known, roster.snapshot())));
      }
      for (const event of roster.snapshot()) expect(rosterEntry.safeParse(event).success).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('strangers alone never take more places than there are, and none more than its share', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(heard, legacy), { maxLength: 60 }), (happenings) => {
      const roster = new Roster(LIMITS);
      happenings.forEach((one, n) => {
        const arrival = {
          source: one.source,
          interface: 'eth0',
          dialable: false,
          beyond: false,
          by: 'broadcast',
        } as const;
        if (one.kind === 'legacy') roster.hearLegacy(one, arrival, at(n));
        else roster.hear({ ...one, goodbye: one.counter === GOODBYE_COUNTER }, arrival, at(n));
      });
      const origins = roster.entries().map(({ origin }) => origin);
      expect(origins.length).toBeLessThanOrEqual(LIMITS.total);
      for (const source of sources)
        expect(origins.filter((origin) => origin === source).length).toBeLessThanOrEqual(LIMITS.perIp);
    }),
    { numRuns: 500 },
  );
});

function inOrderOf(known: ReadonlyMap<string, unknown>, events: readonly RosterEvent[]): RosterEvent[] {
  expect(new Set(events.map(({ key }) => key))).toEqual(new Set(known.keys()));
  return [...known.keys()].flatMap((key) => events.find((event) => event.key === key) ?? []);
}

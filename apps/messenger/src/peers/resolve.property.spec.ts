import { randomBytes } from 'node:crypto';
import { encodePeerId } from '@earshot/crypto';
import { foldName } from '@earshot/protocol';
import { openHistory, type HistoryWriter } from '@earshot/history';
import { temporaryFolder } from '@earshot/testkit';
import fc from 'fast-check';
import { join } from 'node:path';
import { Directory } from './directory.js';

/** Ids that begin alike, and do not. */
const IDS = [0, 0, 0, 1, 2, 250].map((first, n) =>
  encodePeerId(Buffer.from([first, first, first, n, ...Buffer.alloc(28, n)])),
);
const NAMES = ['bob', 'Bob', 'Özmen', 'aaaa', 'a#b', '', '#', 'bob#aaaa'];

describe('whom a query means', () => {
  const folder = temporaryFolder();
  let history: HistoryWriter;
  let directory: Directory;
  let usernames: string[];

  beforeAll(() => {
    history = openHistory({ file: join(folder.path, 'history.db'), now: () => 500, randomBytes });
  });
  afterAll(() => {
    history.close();
    folder.remove();
  });

  /** Everybody under these names, and one of the original program's users. */
  const meet = (names: readonly string[]) => {
    directory = new Directory({
      history,
      liveSession: () => undefined,
      publish: () => undefined,
      nameClaimed: () => undefined,
      roundTripOf: () => undefined,
      passedOnAddress: () => undefined,
    });
    usernames = IDS.map((_, n) => names[n % names.length] ?? '');
    [...IDS, null].forEach((id, n) =>
      directory.heard({
        key: id ?? 'legacy:10.0.0.9:7001',
        id,
        username: usernames[n % usernames.length] ?? '',
        presence: 'online',
        lastSeen: new Date(0).toISOString(),
        instance: '',
        maxVersion: 1,
        busy: false,
        status: '',
        addresses: [],
        heardBy: {},
      }),
    );
  };
  const names = fc.array(fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'grapheme', maxLength: 5 })), {
    minLength: 1,
    maxLength: 6,
  });

  it('is nobody, or people of whom it says a name or the beginning of an id', () => {
    const queries = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc
        .tuple(fc.constantFrom(...NAMES), fc.constantFrom('', '#', '#aaaa', '#AAAA', '#aaa', '#zzzz'))
        .map((parts) => parts.join('')),
      fc.tuple(fc.constantFrom(...IDS), fc.nat(60)).map(([id, length]) => id.slice(0, length)),
    );
    let found = 0;
    fc.assert(
      fc.property(names, queries, (some, query) => {
        meet(some);
        const candidates = directory.resolve(query);
        if (candidates.length > 0) found += 1;
        const wanted = foldName(query);
        for (const { id, username } of candidates) {
          const named = wanted === foldName(username) || wanted.startsWith(`${foldName(username)}#`);
          expect(named || id?.startsWith(wanted) === true).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(30);
  });

  it('is one alone where it is a name with the tag of one, whoever else is called so', () => {
    fc.assert(
      fc.property(names, fc.nat(IDS.length - 1), (some, n) => {
        // What has no NFC form of its own is no username.
        meet(some.map((name) => name.normalize('NFC')));
        const id = IDS[n] ?? '';
        expect(directory.resolve(`${usernames[n] ?? ''}#${id.slice(0, 10)}`).map((peer) => peer.id)).toEqual([id]);
        expect(directory.resolve(id.slice(0, 10)).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

import { createHash } from 'node:crypto';
import { jest } from '@jest/globals';
import { decodePeerId, encodePeerId } from '@earshot/crypto';
import {
  CLOSE_REASON,
  REKEY_AFTER_MS,
  REKEY_AFTER_RECORDS,
  REKEY_RESPONDER_GRACE_MS,
  SESSION_IDLE_MS,
  SESSIONS_MAX,
  SESSIONS_MAX_UNACCEPTED,
  SESSIONS_MAX_UNACCEPTED_PER_IP,
} from '@earshot/protocol';
import type { HandshakeResult, Role } from './handshake.js';
import { SessionRegistry } from './session-registry.js';
import type { Session } from './session.js';

const idOf = (first: number) => encodePeerId(Buffer.alloc(32, first));
/** Of somebody else for each number. */
const strangerId = (n: number) => encodePeerId(createHash('sha256').update(`${n}`).digest());
const OUR_ID = idOf(5);
const SMALLER = idOf(1);
const LARGER = idOf(9);

let now = 0;
let confirmed: string[] = [];
/** Whom the user accepted. */
let accepted: (peerId: string) => boolean;
let registry: SessionRegistry;
beforeEach(() => {
  jest.useFakeTimers();
  now = 1_000_000;
  confirmed = [];
  accepted = () => true;
  registry = new SessionRegistry(
    OUR_ID,
    (peerId) => ({ blocked: false, accepted: accepted(peerId), maxVersion: 0 }),
    { confirmed: ({ startedAt }) => confirmed.push(String(startedAt)), closed: () => undefined },
    () => now,
  );
});

afterEach(() => {
  jest.useRealTimers();
});

/** What the registry looks at; a socket would add nothing to the decisions. */
function session(role: Role, peerId = SMALLER, startedAt = now, remoteIp = '10.0.0.1') {
  const fake = {
    role,
    peerId,
    startedAt,
    remoteIp,
    confirmedAt: undefined as number | undefined,
    lastActivity: startedAt,
    records: 0,
    isEnded: false,
    closedWith: undefined as number | undefined,
    result: { peerId } as HandshakeResult,
    close(reason: number) {
      this.closedWith = reason;
      this.isEnded = true;
    },
    fail() {
      this.close(-1);
    },
  };
  return fake as unknown as typeof fake & Session;
}
type Fake = ReturnType<typeof session>;

function admit(one: Fake) {
  return registry.admit(one, { peerId: one.peerId, maxVersion: 1 } as HandshakeResult);
}
function confirm(...sessions: Fake[]): void {
  for (const one of sessions) {
    if (one.isEnded) continue;
    one.confirmedAt = now += 1;
    registry.confirm(one);
  }
}

describe('two sessions with one peer', () => {
  it.each([
    ['ours stays where our id is the smaller one', LARGER, 'initiator'],
    ['theirs stays where theirs is', SMALLER, 'responder'],
  ] as const)('dialled by both at once: %s, on both sides alike', (_what, peerId, stays) => {
    expect(Buffer.compare(decodePeerId(OUR_ID), decodePeerId(peerId)) < 0).toBe(stays === 'initiator');
    for (const order of [0, 1]) {
      const both = [session('initiator', peerId, now), session('responder', peerId, now + 0.5)];
      for (const one of both) admit(one);
      confirm(...(order === 0 ? both : both.reverse()));
      expect(both.filter(({ isEnded }) => !isEnded).map(({ role }) => role)).toEqual([stays]);
      expect(both.find(({ isEnded }) => isEnded)?.closedWith).toBe(CLOSE_REASON.superseded);
      for (const one of both) registry.remove(one, '');
    }
  });

  it('where one stood when the other was dialled, the newer one supersedes it once it is confirmed, and not before', () => {
    const old = session('initiator', LARGER);
    admit(old);
    confirm(old);
    now += 10_000;
    const fresh = session('responder', LARGER);
    admit(fresh);
    expect(registry.current(LARGER)).toBe(old);
    confirm(fresh);
    expect(registry.current(LARGER)).toBe(fresh);
    expect(old.closedWith).toBe(CLOSE_REASON.superseded);
  });
});

describe('fresh keys', () => {
  it.each([
    ['initiator', REKEY_AFTER_MS],
    ['responder', REKEY_AFTER_MS + REKEY_RESPONDER_GRACE_MS],
  ] as const)('are due for the %s after its time, make before break', (role, ms) => {
    const old = session(role);
    admit(old);
    confirm(old);
    now = old.startedAt + ms - 1;
    expect(registry.dueForRekey()).toEqual([]);
    now += 1;
    expect(registry.dueForRekey()).toEqual([SMALLER]);
    const fresh = session(role);
    admit(fresh);
    expect(old.isEnded).toBe(false);
    confirm(fresh);
    expect(registry.current(SMALLER)).toBe(fresh);
    expect(old.isEnded).toBe(false);
    jest.advanceTimersByTime(5_000);
    expect(old.closedWith).toBe(CLOSE_REASON.rekeyed);
    expect(registry.dueForRekey()).toEqual([]);
  });

  it('are due after so many records, too', () => {
    const busy = session('initiator');
    admit(busy);
    confirm(busy);
    busy.records = REKEY_AFTER_RECORDS;
    expect(registry.dueForRekey()).toEqual([SMALLER]);
  });
});

describe('a session with nothing to say', () => {
  it('ends after its time, unless something waits for the peer', () => {
    const [idle, waiting] = [session('initiator', SMALLER), session('initiator', LARGER)];
    for (const one of [idle, waiting]) admit(one);
    confirm(idle, waiting);
    now = idle.startedAt + SESSION_IDLE_MS + 1;
    registry.closeIdle((peerId) => peerId === LARGER);
    expect(idle.closedWith).toBe(CLOSE_REASON.idle);
    expect(waiting.isEnded).toBe(false);
  });
});

describe('admission', () => {
  it('is for one session of a peer, and one more that replaces it', () => {
    const [first, second, third] = [session('responder'), session('responder'), session('responder')];
    expect(admit(first)).toBe('accept');
    confirm(first);
    expect(admit(second)).toBe('accept');
    // The second never spoke: its place is for the newest.
    expect(admit(third)).toBe('accept');
    expect([first, second, third].map(({ isEnded }) => isEnded)).toEqual([false, true, false]);
  });

  /** Comes from an address that it shares with 7 others at most. */
  const stranger = (n: number) =>
    session('responder', strangerId(n), now, `10.0.0.${Math.floor(n / SESSIONS_MAX_UNACCEPTED_PER_IP)}`);

  it('has so many places for strangers, and of those so many for one address', () => {
    accepted = () => false;
    const crowd = Array.from({ length: 100 }, (_, n) => session('responder', strangerId(1_000 + n), now, '10.0.1.1'));
    expect(crowd.map(admit).filter((verdict) => verdict === 'accept')).toHaveLength(SESSIONS_MAX_UNACCEPTED_PER_IP);
    const others = Array.from({ length: 100 }, (_, n) => stranger(n));
    expect(others.map(admit).filter((verdict) => verdict === 'accept')).toHaveLength(
      SESSIONS_MAX_UNACCEPTED - SESSIONS_MAX_UNACCEPTED_PER_IP,
    );
    // A place that becomes free is for whoever comes next.
    for (const one of crowd) registry.remove(one, '');
    expect(admit(stranger(99))).toBe('accept');
  });

  it('lets the people whom the user accepted in whatever the strangers do, and the other way round', () => {
    const friends = new Set(Array.from({ length: SESSIONS_MAX }, (_, n) => strangerId(1_000 + n)));
    accepted = (peerId) => friends.has(peerId);
    for (let n = 0; n < 100; n += 1) admit(stranger(n));
    const verdicts = [...friends].map((peerId) => admit(session('responder', peerId)));
    expect(verdicts.filter((verdict) => verdict === 'accept')).toHaveLength(SESSIONS_MAX - SESSIONS_MAX_UNACCEPTED);
    registry.remove(stranger(0), '');
    expect(admit(stranger(0))).toBe('accept');
  });
});

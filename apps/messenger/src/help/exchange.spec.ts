import { jest } from '@jest/globals';
import { encodePeerId, generateIdentity, sign, type IdentityKey } from '@earshot/crypto';
import {
  encodeAnnouncement,
  FEATURE,
  GOODBYE_COUNTER,
  OWN_VERSIONS,
  PASS_ON_INTERVAL_MS,
  PASSED_ON_ADDRESSES_MAX,
  PASSED_ON_ADDRESSES_MAX_PER_PEER,
  PASSED_ON_MAX,
  type Announcement,
} from '@earshot/protocol';
import type { RosterEntry } from '@earshot/protocol/ipc';
import { Exchange, type ExchangeSession } from './exchange.js';

const me = generateIdentity();
const idOf = ({ publicKey }: IdentityKey) => encodePeerId(publicKey);

/** Blob and signature, by default of somebody new at 192.0.2.9. */
function announcement(fields: Partial<Announcement> = {}, who = generateIdentity(), signer = who): Buffer {
  const blob = encodeAnnouncement({
    ...OWN_VERSIONS,
    goodbye: false,
    query: false,
    busy: false,
    passOn: true,
    identity: who.publicKey,
    unixMs: 0,
    instance: Buffer.alloc(8, 1),
    counter: 1,
    port: 7001,
    ip: '192.0.2.9',
    username: 'nora',
    ...fields,
  });
  return Buffer.concat([blob, sign(signer, 'earshot/1 announce', blob)]);
}

function entry(id: string, bytes: Buffer, presence: 'online' | 'away' = 'online'): RosterEntry {
  const [lastSeen, instance] = [new Date(0).toISOString(), '01'.repeat(8)];
  const rest = { lastSeen, instance, maxVersion: 1, busy: false, status: '', addresses: [], heardBy: {} };
  return { key: id, id, username: 'nora', presence, earshot: bytes.toString('base64url'), ...rest };
}

/** A session as far as exchange sees one; the real ones are in test/exchange.spec.ts. */
function sessionWith(peerId: string, features: number = FEATURE.exchange) {
  const sent: (readonly Buffer[])[] = [];
  const session = {
    peerId,
    isOpen: true,
    result: { extensions: { features } },
    sendPeers: (announcements: readonly Buffer[]) => void sent.push(announcements),
  };
  return { session: session as unknown as ExchangeSession, sent };
}

let now: number;
let accepted: Set<string>;
let introduced: string[];
let blocked: string;
let exchange: Exchange;
beforeEach(() => {
  jest.useFakeTimers();
  now = 1_000_000;
  accepted = new Set(['friend']);
  introduced = [];
  blocked = '';
  exchange = new Exchange({
    ownId: idOf(me),
    isAccepted: (id) => accepted.has(id),
    isBlocked: (id) => id === blocked,
    introduce: (ips) => introduced.push(...ips),
    now: () => now,
  });
});
afterEach(() => {
  exchange.stop();
  jest.useRealTimers();
});

function pass(ms: number): void {
  now += ms;
  jest.advanceTimersByTime(ms);
}

/** Somebody accepted who is online. */
function around(fields: Partial<Announcement> = {}): { id: string; bytes: Buffer; who: IdentityKey } {
  const who = generateIdentity();
  const [id, bytes] = [idOf(who), announcement(fields, who)];
  accepted.add(id);
  exchange.heard(entry(id, bytes));
  return { id, bytes, who };
}

describe('telling', () => {
  it('tells an accepted peer who is online and may be passed on, but not of itself', () => {
    const nora = around();
    const itself = around();
    const { session, sent } = sessionWith(itself.id);
    exchange.opened(session);
    expect(sent).toEqual([[nora.bytes]]);
  });

  it.each<[string, () => ExchangeSession & { sent?: never }]>([
    ['a stranger', () => sessionWith('stranger').session],
    ['a peer that does not understand it', () => sessionWith('friend', FEATURE.probe).session],
  ])('tells nothing to %s', (_what, make) => {
    around();
    const session = make();
    const sendPeers = jest.spyOn(session, 'sendPeers');
    exchange.opened(session);
    expect(sendPeers).not.toHaveBeenCalled();
  });

  it('tells nothing of strangers, of who is away, and of who does not allow it', () => {
    const { session, sent } = sessionWith('friend');
    const stranger = generateIdentity();
    exchange.heard(entry(idOf(stranger), announcement({}, stranger)));
    around({ passOn: false });
    const gone = around();
    exchange.heard(entry(gone.id, gone.bytes, 'away'));
    const left = around();
    accepted.delete(left.id);
    exchange.opened(session);
    expect(sent).toEqual([]);
  });

  it('tells the same place once, and news at most every ten seconds', () => {
    const { session, sent } = sessionWith('friend');
    const { id, who } = around();
    exchange.opened(session);
    exchange.heard(entry(id, announcement({ counter: 2 }, who)));
    pass(PASS_ON_INTERVAL_MS);
    expect(sent).toHaveLength(1);
    exchange.heard(entry(id, announcement({ counter: 3, ip: '192.0.2.10' }, who)));
    exchange.heard(entry(id, announcement({ counter: 4, ip: '192.0.2.11' }, who)));
    around();
    expect(sent).toHaveLength(2);
    pass(PASS_ON_INTERVAL_MS - 1);
    expect(sent).toHaveLength(2);
    pass(1);
    expect(sent[2]).toHaveLength(2);
  });

  it('takes as many records as there are people', () => {
    for (let n = 0; n < PASSED_ON_MAX + 3; n++) around();
    const { session, sent } = sessionWith('friend');
    exchange.opened(session);
    pass(PASS_ON_INTERVAL_MS);
    expect(sent.map(({ length }) => length)).toEqual([PASSED_ON_MAX, 3]);
  });
});

describe('being told', () => {
  const told = (announcements: Buffer[], from = 'friend') => {
    const { session } = sessionWith(from);
    exchange.opened(session);
    exchange.received(session, announcements);
    return session;
  };

  it('has discovery ask, and knows where an accepted one may be dialled', () => {
    const nora = generateIdentity();
    told([announcement({}, nora)]);
    expect(introduced).toEqual(['192.0.2.9']);
    expect(exchange.addressOf(idOf(nora))).toBeUndefined();
    accepted.add(idOf(nora));
    expect(exchange.addressOf(idOf(nora))).toBe('192.0.2.9:7001');
  });

  it('takes nothing from strangers', () => {
    told([announcement()], 'stranger');
    expect(introduced).toEqual([]);
  });

  it('drops alone what does not hold', () => {
    const [nora, mallory] = [generateIdentity(), generateIdentity()];
    blocked = idOf(mallory);
    const bad = [
      Buffer.from('no announcement'),
      Buffer.alloc(480, 1),
      announcement({ ip: '192.0.2.1' }, nora, mallory),
      announcement({ ip: '192.0.2.2' }, me),
      announcement({ ip: '192.0.2.3' }, mallory),
      announcement({ ip: '192.0.2.4', passOn: false }),
      announcement({ ip: '192.0.2.5', goodbye: true, counter: GOODBYE_COUNTER }),
      announcement({ ip: '192.0.2.6', port: 1023 }),
      announcement({ ip: '127.0.0.1' }),
      announcement({ ip: '169.254.169.254' }),
      announcement({ ip: '239.255.60.4' }),
    ];
    told([...bad, announcement()]);
    expect(introduced).toEqual(['192.0.2.9']);
  });

  it('looks at one record in a while', () => {
    const session = told([announcement()]);
    exchange.received(session, [announcement({ ip: '192.0.2.20' })]);
    pass(PASS_ON_INTERVAL_MS);
    exchange.received(session, [announcement({ ip: '192.0.2.21' })]);
    expect(introduced).toEqual(['192.0.2.9', '192.0.2.21']);
  });

  it('remembers so many in all, and of one liar so few that what others said stays', () => {
    const nora = generateIdentity();
    accepted.add(idOf(nora)).add('liar');
    told([announcement({}, nora)]);
    const { session } = sessionWith('liar');
    exchange.opened(session);
    const lies = Array.from({ length: 1_000 }, () => generateIdentity());
    for (const lie of lies) accepted.add(idOf(lie));
    for (let n = 0; n < lies.length; n += PASSED_ON_MAX) {
      exchange.received(
        session,
        lies.slice(n, n + PASSED_ON_MAX).map((lie) => announcement({}, lie)),
      );
      pass(PASS_ON_INTERVAL_MS);
    }
    const known = () => lies.filter((lie) => exchange.addressOf(idOf(lie)) !== undefined);
    expect(known()).toEqual(lies.slice(-PASSED_ON_ADDRESSES_MAX_PER_PEER));
    expect(exchange.addressOf(idOf(nora))).toBeDefined();
    for (let peer = 0; peer * PASSED_ON_MAX < PASSED_ON_ADDRESSES_MAX; peer++) {
      accepted.add(`peer${peer}`);
      told(
        Array.from({ length: PASSED_ON_MAX }, () => announcement()),
        `peer${peer}`,
      );
    }
    expect(known()).toEqual([]);
    expect(exchange.addressOf(idOf(nora))).toBeUndefined();
  });
});

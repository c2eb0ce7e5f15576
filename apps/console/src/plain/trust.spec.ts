import { anna, done, ID, OTHER_ID, peer, received, running, scene, typed, unread, up } from '../../test/scene.js';
import type { PlainEvent } from './model.js';

const NUMBER = Array.from({ length: 12 }, (_, i) => String(10_000 + i)).join(' ');
const TAG = ID.slice(0, 10);
const OTHER_TAG = OTHER_ID.slice(0, 10);
/** A stranger who goes by bob's name. */
const impostor = peer('Bob', {
  id: OTHER_ID,
  trust: 'new',
  namesakeOf: { id: ID, username: 'bob' },
  address: '192.0.2.9:7001',
});
const claim: PlainEvent = {
  type: 'notice',
  code: 'name-claimed',
  address: '192.0.2.9:7001',
  peer: OTHER_ID,
  username: 'Bob',
};

describe('somebody else under a known name', () => {
  it('is announced by a banner that names both, and what can be done', () => {
    const { lines } = running().happens({ type: 'peer', peer: impostor }, claim);
    const banner = lines.slice(lines.findIndex((line) => line.startsWith('! ---')));
    expect(banner).toEqual([
      `! ${'-'.repeat(68)}`,
      `! SOMEBODY ELSE CALLS THEMSELVES Bob: Bob#${OTHER_TAG} at 192.0.2.9:7001`,
      `! The one you know is bob#${TAG}: what you wrote to them goes to them alone.`,
      `! /whois Bob#${OTHER_TAG} says more, /block Bob#${OTHER_TAG} keeps them out. If it may be the`,
      `! same person with a new machine: /verify Bob#${OTHER_TAG}`,
      `! ${'-'.repeat(68)}`,
    ]);
  });

  it('is marked wherever the name stands, and both get their tags', () => {
    const console = running().happens({ type: 'peer', peer: impostor });
    expect(console.happens(received('send me money', { peer: OTHER_ID })).lines[0]).toBe(
      `15:04 Bob#${OTHER_TAG} (NOT the one you know): send me money`,
    );
    expect(console.happens(received('it is me')).lines[0]).toBe(`15:04 bob#${TAG}: it is me`);
    expect(console.happens(unread(1, OTHER_ID), typed('/peers')).lines).toContain(
      `  online  Bob#${OTHER_TAG}  new to you  1 unread  ! NOT the one you know, who is bob#${TAG}`,
    );
    expect(console.happens(typed('')).lines[0]).toBe(`! Bob#${OTHER_TAG} is NOT the one you know, who is bob#${TAG}.`);
    const chosen = console.happens({ type: 'chosen', peer: { ...impostor, id: OTHER_ID } });
    expect(chosen.lines.at(-1)).toBe(`! This is NOT the one you know, who is bob#${TAG}.`);
  });

  it('that was there before the console is in its greeting', () => {
    const { lines } = scene().happens(anna, { type: 'peer', peer: impostor }, up);
    expect(lines.at(-1)).toBe(`! Bob#${OTHER_TAG} is NOT the one you know, who is bob#${TAG}.`);
  });

  it('that was blocked is no news any more', () => {
    const blocked = { ...peer('Bob', { id: OTHER_ID, trust: 'blocked' }) };
    const console = running().happens({ type: 'peer', peer: { ...blocked, presence: 'away' } });
    expect(console.happens({ type: 'peer', peer: blocked }).lines).toEqual([]);
    expect(console.happens(typed('')).lines).toHaveLength(1);
  });
});

describe('requests', () => {
  const stranger = peer('carol', { id: OTHER_ID, trust: 'new' });
  const waiting: PlainEvent = { type: 'requests', items: [{ peer: stranger, messages: 2 }] };

  it('that came before are told once, with what can be done', () => {
    const console = scene().happens(anna, { type: 'peer', peer: stranger }, up, waiting);
    expect(console.lines.at(-1)).toBe(
      '* carol is new to you and wrote 2 messages: /msg carol shows them, /accept carol or /block carol decides.',
    );
    expect(console.happens(waiting).lines).toEqual([]);
  });
});

describe('/verify', () => {
  it.each([
    ['/verify', { do: 'verify', query: ID }],
    ['/verify carol', { do: 'verify', query: 'carol' }],
    [`/verify ${NUMBER}`, { do: 'verify', query: ID, number: NUMBER }],
    [`/verify carol "${NUMBER}"`.replaceAll('"', ''), { do: 'verify', query: 'carol', number: NUMBER }],
    [`/verify carol ${NUMBER.replaceAll(' ', '')}`, { do: 'verify', query: 'carol', number: NUMBER }],
  ])('%s is carried out', (line, effect) => {
    expect(running().happens(typed(line)).effects).toEqual([effect]);
  });

  it('compares nothing that is no number, and needs somebody', () => {
    expect(running().happens(typed('/verify carol 12345')).lines).toEqual([
      'That is no safety number, which is 60 digits: nothing was compared.',
    ]);
    expect(scene().happens(anna, up, typed('/verify')).lines.at(-1)).toBe('Nobody is chosen: /verify <name>');
  });

  it('/unblock is the way back', () => {
    expect(running().happens(typed('/unblock carol'), done).effects).toEqual([
      { do: 'trust', query: 'carol', trust: 'new' },
    ]);
  });
});

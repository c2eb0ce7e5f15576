import fc from 'fast-check';
import { ID, peer } from '../../test/scene.js';
import { actionIn } from './action.js';
import { messageLine, ownPresenceLines, peerFields, peerLine } from './lines.js';

describe('what people say of themselves', () => {
  it.each([
    ['busy', { busy: true as const }, '  (busy)'],
    ['a text', { status: 'back at one' }, '  (back at one)'],
    ['both', { busy: true as const, status: 'lunch' }, '  (busy: lunch)'],
    ['nothing', {}, ''],
    ['what a terminal would obey', { status: '\u001b[2J\nanna' }, '  (\\u{1b}[2J\\u{a}anna)'],
  ])('stands at the end of the line: %s', (_, said, end) => {
    expect(peerLine(peer('bob', said))).toBe(`${peerLine(peer('bob'))}${end}`);
  });

  it('is in none of the fields that scripts read', () => {
    expect(Object.keys(peerFields(peer('bob', { busy: true, status: 'lunch' })))).toEqual([
      'id',
      'username',
      'address',
      'presence',
      'lastSeen',
      'trust',
    ]);
  });

  it('is said in words to the one who says it', () => {
    expect(ownPresenceLines({ busy: true, status: '' })).toEqual(['Others see of you: busy']);
    expect(ownPresenceLines({ busy: false, status: '' })).toEqual(['You are not busy, and say nothing of yourself.']);
  });
});

describe('what somebody does', () => {
  const AT = '2026-01-02T15:04:05.000Z';
  const message = { id: 'x', peer: ID, username: 'bob', sentAt: AT, committedAt: AT };

  it('stands behind their name in the history, and behind ours', () => {
    const theirs = { ...message, text: '/me waves', direction: 'received', state: 'received' } as const;
    expect(messageLine(theirs, undefined)).toBe(`${AT}  * bob#aaaaaaaaaa waves`);
    expect(messageLine({ ...theirs, direction: 'sent', state: 'sent' }, undefined)).toBe(
      `${AT}  you -> bob#aaaaaaaaaa: * you waves  [sent]`,
    );
  });

  it('begins with /me and a space, and is nothing without more', () => {
    expect(['/me waves', '/me  waves', '/me a\nb'].map(actionIn)).toEqual(['waves', ' waves', 'a\nb']);
    expect(['/me', '/me ', '/me \n', '/meow', ' /me waves', '/ME waves', ''].map(actionIn)).toEqual(
      Array.from({ length: 7 }, () => undefined),
    );
    fc.assert(fc.property(fc.string(), (text) => [undefined, text.slice(4)].includes(actionIn(text))));
  });
});

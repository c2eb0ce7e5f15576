import { peer } from '../../test/scene.js';
import { ownPresenceLines, peerFields, peerLine } from './lines.js';

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

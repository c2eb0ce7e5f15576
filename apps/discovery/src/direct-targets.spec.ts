import { directTargets, type DirectTargetsInput } from './direct-targets.js';

const burst = { wide: true, query: true };
const wide = { wide: true, query: false };
const plain = { wide: false, query: false };

function targets(input: Partial<DirectTargetsInput>, silent: Record<string, number> = {}): string[] {
  return directTargets({
    round: plain,
    configured: [],
    remembered: [],
    turn: 0,
    ...input,
    silentMs: new Map(Object.entries(silent)),
  });
}

const many = (count: number) => Array.from({ length: count }, (_, n) => `10.1.0.${n}`);

describe('directTargets', () => {
  it('asks everybody in the burst, even who was just heard', () => {
    const input = { round: burst, configured: ['192.0.2.1'], remembered: ['10.0.0.2'] };
    expect(targets(input, { '192.0.2.1': 0, '10.0.0.2': 0 })).toEqual(['192.0.2.1', '10.0.0.2']);
  });

  it.each([
    ['never heard', undefined, true],
    ['heard just now', 0, false],
    ['heard by the last broadcast', 9_000, false],
    ['falling silent', 10_001, true],
    ['gone', 33_000, true],
  ])('asks who is %s in the wide rounds alone, if at all', (_, silentMs, asked) => {
    const silent: Record<string, number> = silentMs === undefined ? {} : { '192.0.2.1': silentMs };
    for (const list of ['configured', 'remembered']) {
      expect(targets({ round: wide, [list]: ['192.0.2.1'] }, silent)).toHaveLength(asked ? 1 : 0);
      expect(targets({ round: plain, [list]: ['192.0.2.1'] }, silent)).toEqual([]);
    }
  });

  it('lets the remembered take turns, all within a few rounds', () => {
    const remembered = many(5);
    const asked = [0, 1, 2].map((turn) => targets({ round: wide, remembered, turn }));
    expect(asked.map((list) => list.length)).toEqual([2, 2, 2]);
    expect(new Set(asked.flat())).toEqual(new Set(remembered));
  });

  it('is bounded', () => {
    expect(targets({ round: burst, configured: many(200) })).toHaveLength(64);
    expect(targets({ round: burst, remembered: many(200) })).toHaveLength(16);
  });

  it('names nobody twice', () => {
    expect(targets({ round: burst, configured: ['10.0.0.1', '10.0.0.1'], remembered: ['10.0.0.1'] })).toEqual([
      '10.0.0.1',
    ]);
  });
});

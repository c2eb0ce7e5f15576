import { judge, type Shown, type Verdict } from './order.js';

const A = 'aaaaaaaaaaaaaaaa';
const B = 'bbbbbbbbbbbbbbbb';
const OLD = '0000000000000000';
const LAST = 0xffff_ffff;

const states: Record<string, Shown | undefined> = {
  nobody: undefined,
  shown: { instance: A, counter: 5, ended: false, superseded: new Map([[OLD, 50]]) },
  ended: { instance: A, counter: 5, ended: true, superseded: new Map([[OLD, 50]]) },
};

/** Every state against every kind of announcement. */
const table: [state: string, instance: string, counter: number, Verdict][] = [
  ['nobody', A, 1, 'new'],
  ['nobody', A, LAST, 'stale'],
  ['shown', A, 6, 'newer'],
  ['shown', A, 5, 'copy'],
  ['shown', A, 4, 'stale'],
  ['shown', A, LAST, 'left'],
  ['shown', B, 1, 'restarted'],
  ['shown', B, LAST, 'stale'],
  ['shown', OLD, 50, 'stale'],
  ['shown', OLD, 51, 'restarted'],
  ['shown', OLD, LAST, 'stale'],
  ['ended', A, 6, 'stale'],
  ['ended', A, 5, 'stale'],
  ['ended', A, 4, 'stale'],
  ['ended', A, LAST, 'stale'],
  ['ended', B, 1, 'restarted'],
  ['ended', B, LAST, 'stale'],
  ['ended', OLD, 50, 'stale'],
  ['ended', OLD, 51, 'restarted'],
  ['ended', OLD, LAST, 'stale'],
];

describe('judge', () => {
  it.each(table)('%s, instance %s, counter %d: %s', (state, instance, counter, verdict) => {
    expect(judge(states[state], { instance, counter, goodbye: counter === LAST })).toBe(verdict);
  });
});

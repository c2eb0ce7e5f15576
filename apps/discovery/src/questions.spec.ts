import { Questions, type Silent } from './questions.js';

const silent = (key: string, ...ips: string[]): Silent => ({ key, ips: ips.length > 0 ? ips : [`10.0.0.${key}`] });
const many = (count: number) => Array.from({ length: count }, (_, n) => silent(String(n)));

describe('Questions', () => {
  it('go to all addresses of whoever is silent, every two seconds', () => {
    const questions = new Questions();
    const bob = silent('bob', '10.0.0.1', '10.1.0.1');
    const asked = [0, 500, 1_999, 2_000, 3_999, 4_000].map((ms) => questions.due([bob], ms).length);
    expect(asked).toEqual([2, 0, 0, 2, 0, 2]);
  });

  it('go at once to one who was heard in between and falls silent again', () => {
    const questions = new Questions();
    questions.due([silent('1')], 0);
    expect(questions.due([], 500)).toEqual([]);
    expect(questions.due([silent('1')], 1_000)).toEqual(['10.0.0.1']);
  });

  it('are few at a time, and everybody gets a turn', () => {
    const questions = new Questions();
    const crowd = many(20);
    const turns = [0, 500, 1_000, 1_500].map((ms) => questions.due(crowd, ms));
    expect(turns.map((ips) => ips.length)).toEqual([8, 8, 4, 0]);
    expect(new Set(turns.flat()).size).toBe(20);
  });

  it('go to people of one machine together', () => {
    expect(new Questions().due([silent('a', '10.0.0.1'), silent('b', '10.0.0.1')], 0)).toEqual(['10.0.0.1']);
  });
});

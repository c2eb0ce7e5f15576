import { inBytes, Progress, type Terminals } from './progress.js';

const scene = (more: Partial<Terminals> = {}) => {
  const written: string[] = [];
  let time = 1_000;
  const progress = new Progress((done) => `${done} lines`, {
    stderr: { isTTY: true, write: (text) => written.push(text) },
    stdout: { isTTY: false },
    env: { TERM: 'xterm' },
    now: () => time,
    ...more,
  });
  return {
    progress,
    written,
    later: (ms: number) => {
      time += ms;
    },
  };
};

describe('progress', () => {
  it('is one line that is written over itself now and then, and is gone at the end', () => {
    const { progress, written, later } = scene();
    later(600);
    progress.add(1);
    progress.add(1);
    later(100);
    progress.add(1);
    later(100);
    progress.add(1);
    progress.clear();
    progress.clear();
    expect(written).toEqual(['\r\u001b[Kearshot: 1 lines', '\r\u001b[Kearshot: 4 lines', '\r\u001b[K']);
  });

  it('says nothing of what is done at once', () => {
    const { progress, written, later } = scene();
    progress.add(1);
    later(400);
    progress.add(1);
    progress.clear();
    expect(written).toEqual([]);
  });

  it.each([
    ['where standard error is a file', { stderr: { write: (text: string) => text } }],
    ['where the output stands on the same terminal', { stdout: { isTTY: true } }],
    ['on a terminal that only writes on', { env: { TERM: 'dumb' } }],
  ])('is not shown %s', (_, more) => {
    const { progress, written, later } = scene(more);
    later(600);
    progress.add(1);
    progress.clear();
    expect(written).toEqual([]);
  });

  it('counts bytes as people do', () => {
    expect([0, 1_499, 999_000, 1_234_567, 98_765_432].map(inBytes)).toEqual([
      '0 kB',
      '1 kB',
      '999 kB',
      '1.2 MB',
      '98.8 MB',
    ]);
  });
});

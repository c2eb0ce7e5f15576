import { copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServedHistory } from '../../test/served-history.js';
import { BOB, WrittenHistory } from '../../test/written-history.js';

describe('the history under the log server', () => {
  let served: ServedHistory;
  beforeEach(async () => {
    served = await ServedHistory.start({});
  });
  afterEach(async () => {
    await served.close();
  });

  const answer = async (path: string): Promise<string> => {
    const response = await served.get(path);
    const body = (await response.json()) as { error?: { code: string } };
    return body.error === undefined ? String(response.status) : `${response.status} ${body.error.code}`;
  };
  const EVERYTHING = [
    '/api/v1/conversations',
    `/api/v1/conversations/${BOB}/messages`,
    '/api/v1/search?q=x',
    '/api/v1/events',
    `/api/v1/export?peer=${BOB}`,
    '/anna_chat_log.json',
  ];

  it('may not be there yet, and is served as soon as it is', async () => {
    for (const path of EVERYTHING) expect(await answer(path)).toBe('503 history-not-ready');
    expect(await answer('/healthz')).toBe('200');
    served.write().receive(BOB, 'first');
    expect(await answer('/api/v1/conversations')).toBe('200');
    expect(await answer('/anna_chat_log.json')).toBe('200');
  });

  it('is served after its writer has gone', async () => {
    const history = new WrittenHistory(served.file);
    history.receive(BOB, 'last');
    history.close();
    expect(JSON.stringify(await served.json('/anna_chat_log.json'))).toContain('last');
  });

  it.each([
    [
      'garbage',
      () => {
        writeFileSync(served.file, 'not a database at all'.repeat(100));
      },
    ],
    [
      'empty',
      () => {
        writeFileSync(served.file, '');
      },
    ],
    [
      'cut short',
      () => {
        truncateSync(served.file, 5_000);
      },
    ],
  ])('may be damaged, and is served when it is right again: %s', async (_, damage) => {
    const history = new WrittenHistory(served.file);
    history.receive(BOB, 'kept');
    history.close();
    const copy = join(served.file, '../backup.db');
    copyFileSync(served.file, copy);
    damage();
    for (const path of EVERYTHING) expect(await answer(path)).toBe('503 history-damaged');
    expect(await answer('/healthz')).toBe('200');
    renameSync(copy, served.file);
    expect(JSON.stringify(await served.json('/anna_chat_log.json'))).toContain('kept');
  });

  it('may be damaged under a reader that has it open', async () => {
    const history = new WrittenHistory(served.file);
    for (let i = 0; i < 20; i++) history.receive(BOB, 'x'.repeat(30_000));
    history.close();
    expect(await answer('/api/v1/conversations')).toBe('200');
    const copy = join(served.file, '../backup.db');
    copyFileSync(served.file, copy);
    truncateSync(served.file, 20_000);
    expect(await answer(`/api/v1/conversations/${BOB}/messages`)).toBe('503 history-damaged');
    expect(await answer('/healthz')).toBe('200');
    // In place: it is the same file, and what was open may remember what it was like.
    copyFileSync(copy, served.file);
    expect(await answer(`/api/v1/conversations/${BOB}/messages`)).toBe('200');
  });

  it('is another one when another file stands in its place', async () => {
    const first = new WrittenHistory(served.file);
    first.receive(BOB, 'of the first');
    first.close();
    expect(JSON.stringify(await served.json('/anna_chat_log.json'))).toContain('of the first');
    rmSync(served.file);
    expect(await answer('/api/v1/conversations')).toBe('503 history-not-ready');
    const second = new WrittenHistory(served.file);
    second.receive(BOB, 'of the second');
    second.close();
    const log = JSON.stringify(await served.json('/anna_chat_log.json'));
    expect(log).toContain('of the second');
    expect(log).not.toContain('of the first');
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathsFrom } from './paths.js';

describe('the paths that begin so', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'earshot-paths-'));
    mkdirSync(join(folder, 'notes'));
    for (const name of ['novel.txt', 'other', '.hidden', 'no\u001b[2J', 'no\nline'])
      writeFileSync(join(folder, name), '');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['no', ['notes/', 'novel.txt']],
    ['', ['notes/', 'novel.txt', 'other']],
    ['.h', ['.hidden']],
    ['nothing', []],
    ['nowhere/x', []],
  ])('of %j are %j', async (beginning, names) => {
    expect(await pathsFrom(`${folder}/${beginning}`)).toEqual(names.map((name) => `${folder}/${name}`));
  });

  it('may begin at home, and stay written so', async () => {
    const found = await pathsFrom('~/.');
    expect(found.every((path) => path.startsWith('~/.'))).toBe(true);
    expect(found).toHaveLength((await pathsFrom(`${homedir()}/.`)).length);
  });
});

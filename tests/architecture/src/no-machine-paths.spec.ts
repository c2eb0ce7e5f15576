import { homedir } from 'node:os';
import { committedFiles, readCommitted } from './committed-files.js';

/** Parts are joined here so that this file does not find itself. */
const pattern = (...parts: string[]): RegExp => new RegExp(parts.join(''));

const FORBIDDEN: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a home folder', pattern('/(ho', 'me|Us', 'ers)/[a-z][a-z0-9_-]*/')],
  ["the administrator's folder", pattern('(^|[\\s"\'`(=])/ro', 'ot/')],
  ['a Windows home folder', pattern('[A-Z]:\\\\Us', 'ers')],
  ['a package registry', pattern('https?://[^\\s"/]*(regi', 'stry\\.|npm', 'js\\.|/artifactory)')],
  ['where a package was fetched from', pattern('"resol', 'ved": "http')],
];

function finds(text: string): string[] {
  return FORBIDDEN.filter(([, forbidden]) => forbidden.test(text)).map(([what]) => what);
}

describe('committed files', () => {
  const files = committedFiles();

  it('are found at all', () => {
    expect(files).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'libs/protocol/src/limits.ts']));
  });

  it('name no folder of a developer’s machine and no package registry', () => {
    const here = [homedir(), process.cwd().replace(/\/tests\/architecture$/, '')].filter((path) => path.length > 3);
    const offenders = files.flatMap((file) => {
      const text = readCommitted(file);
      const paths = here.filter((path) => text.includes(`${path}/`)).map(() => 'a folder of this very machine');
      return [...finds(text), ...paths].map((what) => `${file}: ${what}`);
    });
    expect(offenders).toEqual([]);
  });

  it.each([
    ['a home folder', '/ho' + 'me/carol/earshot'],
    ['a home folder', '/Us' + 'ers/carol/earshot'],
    ["the administrator's folder", 'cd /ro' + 'ot/earshot'],
    ['a Windows home folder', 'C:\\Us' + 'ers\\carol'],
    ['a package registry', 'https://regi' + 'stry.example.org/zod'],
    ['where a package was fetched from', '"resol' + 'ved": "https://example.org/zod.tgz"'],
  ])('would be caught with %s', (what, text) => {
    expect(finds(text)).toContain(what);
  });
});

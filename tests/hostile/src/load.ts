import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { caseFile, type CaseFile } from './format.js';

export interface Case extends CaseFile {
  /** `area/name` of the file. */
  readonly name: string;
}

export const corpusFolder = join(import.meta.dirname, '../corpus');

/** Every file below a folder. Throws where there is none, one is not as format.ts has it, or two are the same case. */
export function loadCorpus(folder: string): Case[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  if (files.length === 0) throw new Error(`no case in ${folder}`);
  const cases = files.sort().map((file) => loadCase(folder, file));
  const seen = new Map<string, string>();
  for (const { name, peer, steps } of cases) {
    const played = JSON.stringify([peer, steps]);
    const same = seen.get(played);
    if (same !== undefined) throw new Error(`${name} is the same case as ${same}`);
    seen.set(played, name);
  }
  return cases;
}

function loadCase(folder: string, file: string): Case {
  const name = file
    .split(sep)
    .join('/')
    .replace(/\.json$/, '');
  const parsed = caseFile.safeParse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  if (!parsed.success) throw new Error(`${name}: ${parsed.error.message}`);
  return { name, ...parsed.data };
}

/** Inputs that are kept in the repository, `seeds/<target>/<why>-<hash>`: each is executed by every run. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryRoot } from '@earshot/testkit';

/** `reached` something that nothing else did; was once a `crash` or a `hang`. */
export type Why = 'reached' | 'crash' | 'hang';

const FOLDER = join(repositoryRoot, 'tests/fuzz/seeds');

export function keptInputs(target: string): Buffer[] {
  return filesOf(target).map((file) => readFileSync(join(FOLDER, target, file)));
}

/** @returns where it lies, from the repository's root */
export function keep(target: string, why: Why, input: Buffer): string {
  const folder = join(FOLDER, target);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${why}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`);
  writeFileSync(file, input);
  return relative(repositoryRoot, file);
}

/** What was once reached is forgotten for what reaches all of it now; crashes and hangs are never. */
export function keepReached(target: string, inputs: readonly Buffer[]): void {
  for (const file of filesOf(target)) if (file.startsWith('reached-')) rmSync(join(FOLDER, target, file));
  for (const input of inputs) keep(target, 'reached', input);
}

function filesOf(target: string): string[] {
  const folder = join(FOLDER, target);
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

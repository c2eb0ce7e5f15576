import { readdirSync, readFileSync, type Dirent } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryRoot } from '@earshot/testkit';

/** What .gitignore leaves out, and git itself. The tree is walked rather than asked from git, so that an unpacked archive is tested too. */
const NOT_COMMITTED = new Set(['node_modules', 'dist', '.cache', 'coverage', '.nx', '.git', '__pycache__']);

/** Paths, from the repository's root, of every file that is or would be committed. */
export function committedFiles(folder = repositoryRoot): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !NOT_COMMITTED.has(entry.name))
    .flatMap((entry: Dirent) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return committedFiles(path);
      return entry.isFile() ? [relative(repositoryRoot, path)] : [];
    });
}

export function readCommitted(file: string): string {
  return readFileSync(join(repositoryRoot, file), 'utf8');
}

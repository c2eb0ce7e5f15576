/** Files and folders of this machine, for the completion of a path that is being written. */
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** More than anybody goes through with Tab. */
const MAX = 500;

/**
 * @param beginning of a path with at least one slash; `~` is the home folder
 * @returns the paths that begin so, in order, folders with a slash behind; none where there is nothing, or nothing that may be read
 */
export async function pathsFrom(beginning: string): Promise<string[]> {
  const slash = beginning.lastIndexOf('/') + 1;
  const folder = beginning.slice(0, slash);
  const name = beginning.slice(slash);
  let entries;
  try {
    entries = await readdir(folder.startsWith('~') ? join(homedir(), folder.slice(1)) : folder, {
      withFileTypes: true,
    });
  } catch {
    return [];
  }
  return (
    entries
      .filter((entry) => entry.name.startsWith(name) && (name !== '' || !entry.name.startsWith('.')))
      // What would not stand in a line as it is, is no help in writing one.
      .filter((entry) => !/[\p{C}\u2028\u2029]/u.test(entry.name))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .sort()
      .slice(0, MAX)
  );
}

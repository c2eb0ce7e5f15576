import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFolder, type DataFolder } from '../src/paths.js';

const made: string[] = [];

/** A fresh folder, removed by `removeFolders`. */
export function freshFolder(): string {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'es-rt-'));
  made.push(path);
  return path;
}

/** The paths of a data folder that does not exist yet. */
export function freshDataFolder(): DataFolder {
  return dataFolder({ EARSHOT_HOME: join(freshFolder(), 'home') });
}

export function removeFolders(): void {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
}

/**
 * Vectors that are not ours (Fernet's own, Wycheproof's) lie in `shared/vectors` beside the repository. Without them a
 * plain clone can still run its tests: what needs them is skipped and says so. EARSHOT_REQUIRE_VECTORS=1 forbids that.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const REPOSITORY = findRepository(import.meta.dirname);

function findRepository(folder: string): string {
  if (existsSync(join(folder, 'nx.json'))) return folder;
  if (dirname(folder) === folder) throw new Error('bug: no nx.json above the tests');
  return findRepository(dirname(folder));
}

/** Whether the file is there to test with; false means: skip. Throws where missing vectors are forbidden. */
export function mayUseVectors(path: string, folder: string, required: boolean): boolean {
  if (existsSync(join(folder, path))) return true;
  if (required) throw new Error(`shared/vectors/${path} is missing and EARSHOT_REQUIRE_VECTORS=1 asks for it`);
  return false;
}

/** A suite over one file of vectors; skipped with the reason in its title where the file is not there. */
export function describeVectors(path: string, body: (text: string) => void): void {
  const folder = join(REPOSITORY, '..', 'shared', 'vectors');
  if (mayUseVectors(path, folder, process.env['EARSHOT_REQUIRE_VECTORS'] === '1')) {
    const text = readFileSync(join(folder, path), 'utf8');
    describe(path, () => {
      body(text);
    });
  } else {
    // A test that cannot run must show in the report, not be absent from it.
    it.skip(`${path}: shared/vectors is not beside this clone`, () => undefined);
  }
}

/** The vectors of a list, which must not be empty: a loader that finds nothing would pass everything. */
export function atLeastOne<T>(vectors: readonly T[]): readonly T[] {
  if (vectors.length === 0) throw new Error('no vectors found');
  return vectors;
}

/** A case together with what its group says. The byte strings are hex; a file has those that its algorithm needs. */
export interface WycheproofCase {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly publicKey: { readonly pk: string };
  readonly keySize: number;
  readonly tagSize: number;
  readonly size: number;
  readonly public: string;
  readonly private: string;
  readonly shared: string;
  readonly key: string;
  readonly iv: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
  readonly sig: string;
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly okm: string;
}

/** All cases of a Wycheproof file. The file's own count guards against a wrong reading. */
export function wycheproofCases(text: string): readonly WycheproofCase[] {
  const file = JSON.parse(text) as { numberOfTests: number; testGroups: { tests: WycheproofCase[] }[] };
  const cases = file.testGroups.flatMap(({ tests, ...group }) => tests.map((one) => ({ ...group, ...one })));
  if (cases.length !== file.numberOfTests) throw new Error(`${cases.length} of ${file.numberOfTests} cases found`);
  return atLeastOne(cases);
}

export function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';
const library = findLibrary();

/**
 * A wall clock that a test sets while the programs run: Debian's libfaketime between them and the C library. The monotonic
 * clock stays the real one, as on a machine whose time somebody sets.
 */
export class FalseClock {
  /** Why there can be none, or undefined where there can. */
  static unavailable(): string | undefined {
    return library === undefined ? "Debian's package faketime is not installed" : undefined;
  }

  /** @param file from which the programs learn the time, each time they ask for it */
  constructor(private readonly file: string) {
    this.setAhead(0);
  }

  /** What programs under this clock need in their environment. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_NO_CACHE: '1',
    };
  }

  /** Sets the clock this far from the true time. */
  setAhead(seconds: number): void {
    // Renamed, since a program may ask for the time in the middle of the writing.
    writeFileSync(`${this.file}.new`, `${seconds < 0 ? '-' : '+'}${Math.abs(Math.round(seconds))}\n`);
    renameSync(`${this.file}.new`, this.file);
  }

  /** Sets the clock to a moment, in seconds since 1970; from there it goes on. */
  setTo(unixSeconds: number): void {
    this.setAhead(unixSeconds - Date.now() / 1_000);
  }
}

/** In the folder of the machine's architecture. */
function findLibrary(): string | undefined {
  if (!existsSync(LIBRARIES)) return undefined;
  return readdirSync(LIBRARIES)
    .map((folder) => join(LIBRARIES, folder, 'faketime/libfaketime.so.1'))
    .find((path) => existsSync(path));
}

const noClock = FalseClock.unavailable();
/** Tests that set clocks; where there is no libfaketime they are skipped, and the title says why. */
export const describeWithFalseClocks = (title: string, tests: () => void): void => {
  if (noClock === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${noClock})`, tests);
};

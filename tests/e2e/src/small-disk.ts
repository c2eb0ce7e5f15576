import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of its own in memory, small enough to be filled by a test. Needs root on Linux. */
export class SmallDisk {
  private constructor(readonly path: string) {}

  /** Why none can be had here, or undefined where one can. */
  static unavailable(): string | undefined {
    return process.platform === 'linux' && process.getuid?.() === 0
      ? undefined
      : 'mounting a file system needs root on Linux';
  }

  static mount(path: string, bytes: number): SmallDisk {
    mkdirSync(path, { mode: 0o700 });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'earshot-test', path]);
    return new SmallDisk(path);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Takes all the room that is left. */
  fill(): void {
    writeFileSync(this.ballast, Buffer.alloc(this.freeBytes), { flag: 'a' });
  }

  /** Gives back what `fill` took. */
  empty(): void {
    rmSync(this.ballast, { force: true });
  }

  resize(bytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${bytes}`, this.path]);
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.path]);
  }

  private get ballast(): string {
    return join(this.path, 'ballast');
  }
}

const noDisk = SmallDisk.unavailable();
/** Tests on small disks; where none can be mounted they are skipped, and the title says why. */
export const describeOnSmallDisk = (title: string, tests: () => void): void => {
  if (noDisk === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${noDisk})`, tests);
};

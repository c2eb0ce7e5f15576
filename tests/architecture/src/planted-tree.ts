import { copyFileSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { repositoryRoot, temporaryFolder, type TemporaryFolder } from '@earshot/testkit';
import { packageFolders } from './cruise.js';

/** A tree with the repository's packages and resolution but none of its code, in which an import can be planted. */
export class PlantedTree {
  private readonly folder: TemporaryFolder = temporaryFolder();
  readonly root = realpathSync(this.folder.path);

  constructor() {
    mkdirSync(join(this.root, 'node_modules/@earshot'), { recursive: true });
    copyFileSync(join(repositoryRoot, 'tsconfig.base.json'), join(this.root, 'tsconfig.base.json'));
    for (const folder of packageFolders(repositoryRoot)) {
      this.plant(folder.startsWith('libs/') ? `${folder}/src/index.ts` : `${folder}/src/main.ts`, []);
      // An app is reached by its main file, so that one must be there as after a build.
      if (folder.startsWith('apps/')) this.plant(`${folder}/dist/main.js`, []);
      copyFileSync(join(repositoryRoot, folder, 'package.json'), join(this.root, folder, 'package.json'));
      symlinkSync(join(this.root, folder), join(this.root, 'node_modules/@earshot', basename(folder)));
    }
    for (const name of ['zeromq', 'better-sqlite3', 'zod']) {
      symlinkSync(join(repositoryRoot, 'node_modules', name), join(this.root, 'node_modules', name));
    }
  }

  plant(file: string, imports: readonly string[]): void {
    const path = join(this.root, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, [...imports.map((specifier) => `import '${specifier}';`), 'export {};', ''].join('\n'));
  }

  remove(): void {
    this.folder.remove();
  }
}

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { repositoryRoot } from '@earshot/testkit';
import { cruise, packageFolders, type Violation } from './cruise.js';
import { PlantedTree } from './planted-tree.js';

const config = createRequire(import.meta.url)(join(repositoryRoot, '.dependency-cruiser.cjs')) as {
  forbidden: { name: string }[];
};

describe('the import rules', () => {
  it('hold in the repository', async () => {
    const { files, violations } = await cruise(repositoryRoot);
    // What was not looked at cannot be wrong: every package must be among the files.
    for (const folder of packageFolders(repositoryRoot)) {
      expect(files).toContain(folder.startsWith('libs/') ? `${folder}/src/index.ts` : `${folder}/src/main.ts`);
    }
    expect(violations).toEqual([]);
  });

  /** What each rule must catch: rule, the file that breaks it, what that file imports. */
  const FORBIDDEN: readonly (readonly [rule: string, file: string, imported: string])[] = [
    ['no-circular', 'apps/console/src/circle-a.ts', './circle-b.js'],
    ['not-resolvable', 'apps/console/src/missing.ts', './nowhere.js'],
    ['not-resolvable', 'apps/console/src/deep-by-name.ts', '@earshot/protocol/src/wire/frame.js'],
    ['no-test-in-source', 'libs/ipc/src/uses-a-spec.ts', './some.spec.js'],
    ['no-test-in-source', 'libs/ipc/src/uses-a-test-program.ts', '../test/program.js'],
    ['libs-know-no-app', 'libs/ipc/src/uses-an-app.ts', '@earshot/messenger'],
    ['libs-know-no-app', 'libs/protocol/src/uses-an-app.ts', '../../../apps/console/src/main.js'],
    ['apps-know-no-app', 'apps/console/src/uses-an-app.ts', '@earshot/messenger'],
    ['apps-know-no-app', 'apps/logserver/src/uses-an-app.ts', '../../messenger/src/main.js'],
    ['protocol-and-crypto-know-nobody', 'libs/protocol/src/uses-crypto.ts', '@earshot/crypto'],
    ['protocol-and-crypto-know-nobody', 'libs/crypto/src/uses-protocol.ts', '@earshot/protocol'],
    ['middle-libs-know-only-protocol', 'libs/ipc/src/uses-runtime.ts', '@earshot/runtime'],
    ['middle-libs-know-only-protocol', 'libs/history/src/uses-ipc.ts', '@earshot/ipc'],
    ['middle-libs-know-only-protocol', 'libs/runtime/src/uses-history.ts', '@earshot/history'],
    ['only-the-messenger-has-crypto', 'apps/discovery/src/uses-crypto.ts', '@earshot/crypto'],
    ['only-the-messenger-has-crypto', 'apps/console/src/uses-crypto.spec.ts', '@earshot/crypto'],
    ['only-the-messenger-has-crypto', 'libs/ipc/src/uses-crypto.ts', '@earshot/crypto'],
    ['only-messenger-and-logserver-have-history', 'apps/discovery/src/uses-history.ts', '@earshot/history'],
    ['only-messenger-and-logserver-have-history', 'apps/console/src/uses-history.ts', '@earshot/history'],
    ['only-ipc-has-zeromq', 'apps/messenger/src/uses-zeromq.ts', 'zeromq'],
    ['only-ipc-has-zeromq', 'libs/runtime/src/uses-zeromq.ts', 'zeromq'],
    ['only-history-has-sqlite', 'apps/logserver/src/uses-sqlite.ts', 'better-sqlite3'],
    ['testkit-only-in-tests', 'apps/console/src/uses-testkit.ts', '@earshot/testkit'],
    ['no-deep-lib-import', 'libs/ipc/src/deep.ts', '../../protocol/src/wire/frame.js'],
    ['no-deep-lib-import', 'apps/messenger/src/deep.ts', '../../../libs/history/src/schema.js'],
    ['protocol-touches-no-world', 'libs/protocol/src/uses-net.ts', 'node:net'],
    ['protocol-touches-no-world', 'libs/protocol/src/uses-keys.ts', 'crypto'],
    ['crypto-uses-node-alone', 'libs/crypto/src/uses-zod.ts', 'zod'],
  ];

  /** What must stay possible, or a rule that refuses everything would look right. */
  const ALLOWED: readonly (readonly [file: string, imported: string])[] = [
    ['apps/messenger/src/fine.ts', '@earshot/crypto'],
    ['apps/messenger/src/fine-too.ts', '@earshot/history'],
    ['apps/logserver/src/fine.ts', '@earshot/history'],
    ['apps/console/src/fine.ts', '@earshot/ipc'],
    ['apps/console/src/fine.spec.ts', '@earshot/testkit'],
    ['libs/ipc/src/fine.spec.ts', '../test/program.js'],
    ['libs/ipc/test/program.ts', '@earshot/testkit'],
    ['apps/discovery/src/fine.ts', '@earshot/runtime'],
    ['libs/ipc/src/fine.ts', 'zeromq'],
    ['libs/history/src/fine.ts', 'better-sqlite3'],
    ['libs/runtime/src/fine.ts', 'better-sqlite3'],
    ['libs/ipc/src/fine-too.ts', '@earshot/protocol'],
    ['libs/protocol/src/fine.ts', 'zod'],
    ['libs/protocol/src/fine.spec.ts', 'node:fs'],
    ['libs/crypto/src/fine.ts', 'node:crypto'],
  ];

  describe('in a tree with planted imports', () => {
    const tree = new PlantedTree();
    let violations: Violation[];
    const rulesBrokenBy = (file: string): string[] =>
      violations.filter((violation) => violation.from === file).map((violation) => violation.rule);

    beforeAll(async () => {
      tree.plant('apps/console/src/circle-b.ts', ['./circle-a.js']);
      tree.plant('libs/ipc/src/some.spec.ts', []);
      tree.plant('libs/protocol/src/wire/frame.ts', []);
      tree.plant('libs/history/src/schema.ts', []);
      for (const [, file, imported] of FORBIDDEN) tree.plant(file, [imported]);
      for (const [file, imported] of ALLOWED) tree.plant(file, [imported]);
      ({ violations } = await cruise(tree.root));
    });
    afterAll(() => {
      tree.remove();
    });

    it.each(FORBIDDEN)('%s catches %s with %s', (rule, file) => {
      expect(rulesBrokenBy(file)).toContain(rule);
    });

    it.each(ALLOWED)('%s may import %s', (file) => {
      expect(rulesBrokenBy(file)).toEqual([]);
    });

    it('leave no rule untried', () => {
      expect([...new Set(FORBIDDEN.map(([rule]) => rule))].sort()).toEqual(
        config.forbidden.map((rule) => rule.name).sort(),
      );
    });
  });
});

import { copyFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, temporaryFolder, thisMachine } from '@earshot/testkit';

const launcher = join(repositoryRoot, 'earshot');

describe('the launcher', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  it('may be executed, also through a link from another folder', async () => {
    expect(statSync(launcher).mode & 0o777).toBe(0o755);
    const link = join(folder.path, 'earshot');
    symlinkSync(launcher, link);
    const { code, stdout } = await thisMachine.exec(link, ['--version']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });

  it('says before a build what builds it', async () => {
    const copy = join(folder.path, 'earshot');
    copyFileSync(launcher, copy);
    const { code, stderr } = await thisMachine.exec(process.execPath, [copy]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^earshot: not built yet: run "npm ci".* in \/.*\n$/)]);
  });

  it('says on a Node that is too old what it needs', async () => {
    const pretend = `Object.defineProperty(process.versions, 'node', { value: '18.20.0' }); require(${JSON.stringify(launcher)})`;
    const { code, stderr } = await thisMachine.exec(process.execPath, ['-e', pretend]);
    expect([code, stderr]).toEqual([1, 'earshot: this is Node 18.20.0, and Earshot needs 20.19 or newer\n']);
  });
});

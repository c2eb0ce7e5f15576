import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Lab, repositoryRoot, temporaryFolder, thisMachine, type Host } from '@earshot/testkit';
import { describeInLab } from './neighbourhood.js';

/** Types what the README suggests, and answers with the exit code and what is left of the demo's files. */
async function playDemo(host: Host): Promise<{ code: number | null; left: string[] }> {
  const folder = temporaryFolder();
  const temporary = join(folder.path, 'tmp');
  mkdirSync(temporary);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path, TMPDIR: temporary };
  const demo = host.background(process.execPath, [join(repositoryRoot, 'scripts/demo.mjs')], { cwd: folder.path, env });
  try {
    await demo.line('the console is there', (line) => /^You are alice\..*\/help/.test(line));
    demo.type('@bob merhaba\n');
    await demo.line('bob answers', (line) => /\bbob(#\w+)?: ./.test(line));
    demo.type('/quit\n');
    return { code: await demo.ended(), left: readdirSync(temporary) };
  } finally {
    await demo.stop();
    folder.remove();
  }
}

describe('the demo', () => {
  it('lets somebody alone talk with bob, and cleans up', async () => {
    expect(await playDemo(thisMachine)).toEqual({ code: 0, left: [] });
  });
});

describeInLab('the demo on a machine whose only interface is loopback', () => {
  it('works all the same', async () => {
    const lab = Lab.open();
    try {
      expect(await playDemo(lab.host('solo', { loopbackOnly: true }))).toEqual({ code: 0, left: [] });
    } finally {
      lab.close();
    }
  });
});

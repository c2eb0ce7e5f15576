import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot, SCENARIOS, thisMachine } from '@earshot/testkit';
import { describeInLab } from './neighbourhood.js';

const script = join(repositoryRoot, 'scripts/lab.mjs');

it('`npm run lab` lists the scenarios', async () => {
  const { code, stdout } = await thisMachine.exec(process.execPath, [script]);
  expect(code).toBe(0);
  for (const [name, { about }] of Object.entries(SCENARIOS)) expect(stdout).toMatch(new RegExp(`${name} +${about}`));
  expect((await thisMachine.exec(process.execPath, [script, 'nowhere'])).code).toBe(2);
});

describeInLab('`npm run lab` with a scenario', () => {
  it('lets one run commands as everybody, take steps, and leaves nothing behind', async () => {
    const lab = thisMachine.background(process.execPath, [script, 'one-network']);
    await lab.line('it is ready', (line) => line.includes('Ctrl+D'));
    lab.type('alice whoami\non bob ip addr show eth0\ndo cut\ndo nothing\ndave peers\n');
    lab.end();
    expect(await lab.ended()).toBe(0);
    const printed = lab.lines.join('\n');
    for (const part of [
      /alice {2}[a-z2-7]{52} {2}10\.77\.0\.1/,
      '10.77.0.2/24',
      'no such step: nothing',
      'called dave',
    ])
      expect(printed).toMatch(part);
    expect(printed).not.toContain('no such step: cut');
    const [, namespaces] = /: {2}(\/\S+)/.exec(printed) ?? [];
    expect(namespaces).toContain('earshot-alice');
    expect(spawnSync('ls', [namespaces ?? '']).status).not.toBe(0);
  });
});

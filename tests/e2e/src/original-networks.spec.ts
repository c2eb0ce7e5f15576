import { LAB_PORT, type BackgroundCommand, type EarshotNode, type LabHost, type ScenarioName } from '@earshot/testkit';
import { Neighbourhood, peerOf, sees } from './neighbourhood.js';
import { describeInLabWithPython, original } from './python.js';

interface Case {
  readonly title: string;
  readonly scene: ScenarioName;
  /** Where the original program is. */
  readonly on: readonly string[];
  /** Once everybody runs. */
  readonly step?: string;
  /** Who is on its network, and where. */
  readonly near: Readonly<Record<string, string>>;
  /** Who is not, though we may know each other. */
  readonly far?: readonly string[];
}

/** It sends to 255.255.255.255 alone, by its first interface, and hears broadcasts of its own networks. */
const CASES: readonly Case[] = [
  {
    title: 'on one network',
    scene: 'one-network',
    on: ['lan'],
    near: { alice: '10.77.0.1', bob: '10.77.0.2', carol: '10.77.0.3' },
  },
  {
    title: 'where the middle one is on two networks, on one of them',
    scene: 'middle',
    on: ['left'],
    near: { alice: '10.77.1.1', bob: '10.77.1.2' },
    far: ['carol'],
  },
  {
    title: 'where somebody has come by a new interface, whose address has changed',
    scene: 'moving',
    on: ['cellar'],
    step: 'move',
    near: { alice: '10.77.1.99', carol: '10.77.1.3' },
    far: ['bob'],
  },
  {
    title: 'where 30 of 100 frames are lost',
    scene: 'lossy',
    on: ['lan'],
    near: { alice: '10.77.0.1', bob: '10.77.0.2', carol: '10.77.0.3' },
  },
  {
    title: 'on one side of a router',
    scene: 'two-subnets',
    on: ['upstairs'],
    near: { alice: '10.77.1.2', carol: '10.77.1.4' },
    far: ['bob'],
  },
  {
    title: 'where the line to somebody is slow',
    scene: 'slow',
    on: ['lan'],
    near: { alice: '10.77.0.1', bob: '10.77.0.2' },
  },
  {
    title: 'where no broadcast passes, which is all that it sends and hears',
    scene: 'isolated',
    on: ['lan'],
    step: 'mute',
    near: {},
    far: ['alice', 'bob'],
  },
];

const NAME = 'oldie';

function hears(listener: BackgroundCommand): Record<string, unknown> {
  // Its own announcements come back to it.
  const heard = listener.json.filter((event) => event['event'] === 'peer' && event['username'] !== NAME);
  return Object.fromEntries(heard.map((event) => [event['username'], event['ip']] as const)) as Record<string, unknown>;
}

describeInLabWithPython('the original program and ours', () => {
  let neighbourhood: Neighbourhood;
  afterEach(async () => {
    await neighbourhood.close();
  });

  it.each(CASES)('see each other $title', async ({ scene: name, on, step, near, far = [] }) => {
    const made = await Neighbourhood.inScene(name);
    ({ neighbourhood } = made);
    const { lab } = neighbourhood;
    if (lab === undefined) throw new Error('bug: a scene is in a lab');
    if (name === 'moving') made.scene.take('plug');
    const host: LabHost = lab.host(NAME, { on: on.map((network) => lab.network(network)) });
    // Its one address to send to is reached where there is a route for it, as on a machine with a way to the internet.
    await host.exec('ip', ['route', 'replace', 'default', 'dev', 'eth0']);
    const nodes: EarshotNode[] = made.nodes;
    await Promise.all(nodes.map((node) => node.start(['discovery', 'messenger'])));
    if (step !== undefined) made.scene.take(step);

    const announce = ['announce', '--username', NAME, '--ip', host.ip, '--port', String(LAB_PORT), '--interval', '2'];
    original(host, announce);
    const others = Object.keys(near).length;
    // Ours announce themselves every 8 s, and everything is announced by all paths every 32 s.
    const patience = others === 0 ? ['--timeout', '40'] : ['--timeout', '60', '--expect', String(others + 1)];
    const listener = original(host, ['listen', ...patience]);
    for (const node of nodes.filter((one) => one.name in near))
      expect(await sees(node, NAME)).toMatchObject({ id: null, trust: 'legacy', address: `${host.ip}:${LAB_PORT}` });
    expect(await listener.ended()).toBe(0);
    expect(hears(listener)).toEqual(near);
    for (const node of nodes.filter((one) => far.includes(one.name))) expect(await peerOf(node, NAME)).toBeUndefined();
  });
});

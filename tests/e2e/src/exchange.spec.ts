import { until, type CommandResult, type EarshotNode, type Host } from '@earshot/testkit';
import { describeInLab, Neighbourhood, peerOf, sees, sendAndWait, texts } from './neighbourhood.js';

const BOB = '10.78.0.2';
const GATEWAY = '10.78.0.254';

async function run(host: Host, line: string): Promise<CommandResult> {
  const [file = '', ...args] = line.split(' ');
  const result = await host.exec(file, args);
  if (result.code !== 0) throw new Error(`${line} on ${host.name}: ${result.stderr}`);
  return result;
}

describeInLab('two subnets with a router', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;
  let carol: EarshotNode;

  beforeAll(async () => {
    neighbourhood = Neighbourhood.inLab();
    const lab = neighbourhood.lab;
    if (lab === undefined) throw new Error('bug: a neighbourhood in a lab has one');
    const router = lab.host('router');
    const beyond = lab.host('bob', { loopbackOnly: true });
    // A cable from the router into the other host's namespace, which is that of any process there.
    const inside = beyond.spawn('sleep', ['600'], { stdio: 'ignore' });
    await until('it is in its namespace', async () => {
      const { stdout } = await run(router, `ip netns identify ${String(inside.pid)}`);
      return stdout.trim() !== '';
    });
    await run(router, `ip link add eth1 type veth peer name eth0 netns ${String(inside.pid)}`);
    await run(router, `ip addr add ${GATEWAY}/24 brd + dev eth1`);
    await run(router, 'ip link set eth1 up');
    await run(router, 'sysctl -qw net.ipv4.ip_forward=1');
    await run(beyond, `ip addr add ${BOB}/24 brd + dev eth0`);
    await run(beyond, 'ip link set eth0 up');
    await run(beyond, `ip route add 10.77.0.0/24 via ${GATEWAY}`);
    for (const name of ['alice', 'carol']) await run(lab.host(name), `ip route add 10.78.0.0/24 via ${router.ip}`);

    bob = await neighbourhood.node('bob', { host: beyond });
    alice = await neighbourhood.node('alice', { env: { EARSHOT_PEERS: `${BOB}:${bob.port}` } });
    carol = await neighbourhood.node('carol');
    await Promise.all([alice, bob, carol].map((node) => node.start(['messenger', 'discovery'])));
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice'), sees(alice, 'carol'), sees(carol, 'alice')]);
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('tell a third of somebody beyond only once they are all acquainted, who is then found and written to', async () => {
    expect((await alice.command(['connect', `${BOB}:${bob.port}`])).code).toBe(0);
    await sendAndWait(alice, 'bob', 'hello over there');
    await sendAndWait(carol, 'alice', 'hello over here');
    // Alice has accepted bob, and carol alice; carol is a stranger to alice, who tells her nothing.
    expect(await peerOf(carol, 'bob')).toBeUndefined();
    expect((await alice.command(['accept', 'carol'])).code).toBe(0);
    expect(await sees(carol, 'bob')).toMatchObject({ address: `${BOB}:${bob.port}`, trust: 'new' });
    await sendAndWait(carol, 'bob', 'alice told me where you are');
    expect(await texts(bob, 'carol', 'received')).toEqual(['alice told me where you are']);
  });
});

import { until, type EarshotNode, type Host } from '@earshot/testkit';
import { describeInLab, Neighbourhood, sees, sendAndWait, texts } from './neighbourhood.js';

/** IPv4 goes to single hosts only: what is for all, or for the group, is dropped where it would arrive. */
async function dropIpv4ForMany(host: Host): Promise<void> {
  const rules = [
    'add table ip lab',
    'add chain ip lab arriving { type filter hook input priority 0; }',
    'add rule ip lab arriving meta pkttype { broadcast, multicast } drop',
  ].join('\n');
  const { code, stderr } = await host.exec('nft', ['-f', '-'], { input: rules });
  if (code !== 0) throw new Error(`no rules in ${host.name}: ${stderr}`);
}

const whois = async (node: EarshotNode, who: string) => (await node.ask('whois', who))[0] ?? {};

describeInLab('two hosts between which IPv4 carries neither broadcasts nor multicast', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;

  beforeAll(async () => {
    neighbourhood = Neighbourhood.inLab();
    [alice, bob] = [await neighbourhood.node('alice'), await neighbourhood.node('bob')];
    for (const { host } of [alice, bob]) await dropIpv4ForMany(host);
    await Promise.all([alice.start(), bob.start()]);
  });
  afterAll(async () => {
    await neighbourhood.close();
  });

  it('find each other over IPv6, at IPv4 addresses that they proved by an answer', async () => {
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const address = `${other.host.ip}:${other.port}`;
      expect(await sees(one, other.name)).toMatchObject({ address });
      // Whichever comes first: its own announcement to the group, or its answer to ours.
      const ways = (reply: Record<string, unknown>) => Object.keys(reply['heardBy'] as object).sort();
      const known = await until(`${one.name} hears ${other.name} by both ways`, async () => {
        const reply = await whois(one, other.name);
        return ways(reply).length > 1 && reply;
      });
      expect(ways(known)).toEqual(['multicast6', 'unicast']);
      expect(known['addresses']).toMatchObject([{ address, interface: 'eth0', dialable: true }]);
    }
  });

  it('talk over IPv4', async () => {
    await sendAndWait(alice, 'bob', 'over there');
    await sendAndWait(bob, 'alice', 'over here');
    expect(await texts(bob, 'alice')).toEqual(['over there', 'over here']);
  });
});

describeInLab('two hosts of which one has no IPv6', () => {
  let neighbourhood: Neighbourhood;
  afterEach(async () => {
    await neighbourhood.close();
  });

  it('find each other all the same, by broadcast and by multicast, and each knows by which', async () => {
    neighbourhood = Neighbourhood.inLab();
    const [alice, bob] = [await neighbourhood.node('alice'), await neighbourhood.node('bob')];
    const { code } = await bob.host.exec('sysctl', ['-qw', 'net.ipv6.conf.eth0.disable_ipv6=1']);
    expect(code).toBe(0);
    await Promise.all([alice.start(), bob.start()]);
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    for (const [one, other] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const) {
      const ways = await until(`${one.name} hears ${other} by both`, async () => {
        const heardBy = Object.keys((await whois(one, other))['heardBy'] as object);
        return heardBy.includes('broadcast') && heardBy.includes('multicast') && heardBy;
      });
      expect(ways).not.toContain('multicast6');
    }
  });
});

import { until, type EarshotNode } from '@earshot/testkit';
import { describeInLab, Neighbourhood, sees, sendAndWait } from './neighbourhood.js';

interface Finding {
  readonly cause: string;
  readonly text: string;
  readonly command: string | null;
}
interface Report {
  readonly code: number | null;
  readonly json: Record<string, unknown>;
  readonly findings: readonly Finding[];
  readonly causes: readonly string[];
}

async function doctor(node: EarshotNode, ...who: string[]): Promise<Report> {
  const { code, json, stderr } = await node.command(['doctor', ...who, '--json']);
  const [one] = json;
  if (one === undefined) throw new Error(`earshot doctor of ${node.name} ended with ${String(code)}: ${stderr}`);
  const findings = one['findings'] as Finding[];
  return { code, json: one, findings, causes: findings.map(({ cause }) => cause) };
}

/** Asks until the one cause is named; what discovery hears takes its time. */
function finds(node: EarshotNode, cause: string, ...who: string[]): Promise<Report> {
  return until(
    `${node.name} finds ${cause}`,
    async () => {
      const report = await doctor(node, ...who);
      return report.causes.includes(cause) && report;
    },
    60_000,
  );
}

async function nft(node: EarshotNode, rules: string): Promise<void> {
  const { code, stderr } = await node.host.exec('nft', ['-f', '-'], { input: rules });
  if (code !== 0) throw new Error(stderr);
}

/** The host's own firewall, with one more rule. */
const firewall = (rule: string) => `
  table inet mine {
    chain in { type filter hook input priority 0; policy accept; ct state established,related accept; ${rule}; }
  }`;

/** What an access point does that isolates its clients; none of the host's own rules. */
const ISOLATED = `
  table netdev air {
    chain in { type filter hook ingress device "eth0" priority 0; udp dport 6004 meta pkttype { broadcast, multicast } drop; }
  }`;

/** Does what the doctor says, as root. */
async function obey(node: EarshotNode, command: string | null | undefined): Promise<void> {
  const { code, stderr } = await node.host.exec('sh', ['-c', String(command).replaceAll('sudo ', '')]);
  if (code !== 0) throw new Error(stderr);
}

describeInLab('earshot doctor', () => {
  let neighbourhood: Neighbourhood;
  let alice: EarshotNode;
  let bob: EarshotNode;

  beforeEach(async () => {
    neighbourhood = Neighbourhood.inLab();
    alice = await neighbourhood.node('alice');
    bob = await neighbourhood.node('bob');
  });
  afterEach(async () => {
    await neighbourhood.close();
  });

  const both = async () => {
    for (const node of [alice, bob]) await node.start();
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
  };

  it('finds nothing wrong between two who can talk, and nobody of a name that nobody has', async () => {
    await both();
    await sendAndWait(alice, 'bob', 'hi');
    expect((await bob.command(['accept', 'alice'])).code).toBe(0);
    const report = await finds(alice, 'works', 'bob');
    expect([report.code, report.causes]).toEqual([0, ['works']]);
    expect(report.json).toMatchObject({
      firewall: { udp: 'open', tcp: 'open' },
      ports: { tcp: { port: alice.port, state: 'ours' }, discovery: { port: 6004, state: 'ours' } },
      peer: { username: 'bob', probe: 'answered', report: { tcp: 'connected' } },
    });
    const [eth0] = report.json['interfaces'] as Record<string, unknown>[];
    expect(eth0).toMatchObject({ name: 'eth0', ip: alice.host.ip, skipped: null, hearsItself: true, tcp: 'connected' });
    const unknown = await doctor(alice, 'zelda');
    expect([unknown.code, unknown.causes, unknown.json['peer']]).toEqual([3, ['peer-unknown'], null]);
    const console = alice.follow(['--plain']);
    console.type('/doctor bob\n');
    await console.line('the console says so too', (line) => line.startsWith('* works: you and bob'));
    console.end();
    expect(await console.ended()).toBe(0);
  });

  it('names the side whose firewall keeps TCP out, on both sides, and the command that opens it', async () => {
    await nft(bob, firewall(`tcp dport ${bob.port} drop`));
    await both();
    await sendAndWait(bob, 'alice', 'you cannot call me, I call you');
    expect((await alice.command(['accept', 'bob'])).code).toBe(0);
    const theirs = await finds(alice, 'their-firewall', 'bob');
    expect([theirs.code, theirs.causes]).toEqual([1, ['their-firewall']]);
    const mine = await finds(bob, 'my-firewall', 'alice');
    expect([mine.code, mine.causes]).toEqual([1, ['my-firewall']]);
    expect(mine.json).toMatchObject({
      firewall: { kind: 'nft', udp: 'open', tcp: 'closed' },
      peer: { report: { tcp: 'timed-out' } },
    });
    const command = mine.findings[0]?.command;
    expect(command).toBe(`sudo nft insert rule inet mine in tcp dport ${bob.port} accept`);
    await obey(bob, command);
    for (const [one, other] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const)
      expect((await finds(one, 'works', other)).code).toBe(0);
  });

  it('names the side whose firewall keeps UDP out, on both sides, and the command that opens it', async () => {
    await nft(bob, firewall('udp dport 6004 drop'));
    for (const node of [alice, bob]) await node.start();
    await sees(alice, 'bob');
    await sendAndWait(alice, 'bob', 'hi');
    expect((await bob.command(['accept', 'alice'])).code).toBe(0);
    const theirs = await finds(alice, 'their-firewall', 'bob');
    expect([theirs.code, theirs.causes]).toEqual([1, ['their-firewall']]);
    const mine = await finds(bob, 'my-firewall', 'alice');
    expect([mine.code, mine.causes]).toEqual([1, ['my-firewall']]);
    const command = mine.findings[0]?.command;
    expect(command).toBe('sudo nft insert rule inet mine in udp dport 6004 accept');
    await obey(bob, command);
    for (const [one, other] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const)
      expect((await finds(one, 'works', other)).code).toBe(0);
  });

  it('tells isolation by the network from a firewall, on both sides', async () => {
    await both();
    await sendAndWait(alice, 'bob', 'hi');
    expect((await bob.command(['accept', 'alice'])).code).toBe(0);
    for (const node of [alice, bob]) await nft(node, ISOLATED);
    // What was heard before is forgotten; each asks where the other was.
    for (const node of [alice, bob]) await node.restart('discovery');
    for (const [one, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const report = await until(
        'it is isolation alone',
        async () => {
          const now = await doctor(one, other.name);
          return now.causes.join() === 'isolation' && now;
        },
        60_000,
      );
      expect(report.code).toBe(1);
      expect(report.findings[0]?.command).toBe(`earshot config set peers ${other.host.ip}:${other.port} && npm start`);
    }
  });

  it('knows somebody who left from somebody whose machine is gone', async () => {
    await both();
    await sendAndWait(alice, 'bob', 'hi');
    await bob.stop();
    const left = await finds(alice, 'peer-away', 'bob');
    expect([left.code, left.causes]).toEqual([1, ['peer-away', 'nobody-heard']]);
    expect(left.findings[0]?.text).toContain('Earshot does not run on it');
    neighbourhood.lab?.cut(bob.host);
    expect((await doctor(alice, 'bob')).findings[0]?.text).toMatch(/nothing answers \((no answer|unreachable)\)/);
  });

  it('sees that there is no network, and that there is one again', async () => {
    await alice.start();
    expect((await finds(alice, 'nobody-heard')).code).toBe(0);
    await alice.host.exec('ip', ['link', 'set', 'eth0', 'down']);
    const report = await finds(alice, 'no-network');
    expect([report.code, report.causes]).toEqual([1, ['no-network']]);
    await alice.host.exec('ip', ['link', 'set', 'eth0', 'up']);
    expect((await finds(alice, 'nobody-heard')).causes).toEqual(['nobody-heard', 'works']);
  });

  it('names the program that has our port', async () => {
    const holders = {
      messenger: `require('net').createServer().listen(${alice.port}, '0.0.0.0', () => console.log('held'))`,
      discovery: "require('dgram').createSocket('udp4').bind(6004, () => console.log('held'))",
    } as const;
    for (const [service, program] of Object.entries(holders)) {
      const holder = alice.host.background(process.execPath, ['-e', program]);
      await holder.line('it has the port', (line) => line === 'held');
      await alice.start((['discovery', 'messenger', 'logserver', 'console'] as const).filter((app) => app !== service));
      const report = await doctor(alice);
      expect([report.code, report.causes]).toEqual([4, ['services-down', 'port-taken']]);
      expect(report.findings[0]?.text).toContain(service);
      expect(report.findings[1]?.text).toMatch(/(TCP \d+|UDP 6004) is held by \S+ \(pid \d+\)/);
      await alice.stop();
      await holder.stop('SIGKILL');
    }
  });

  it('says that a name is missing', async () => {
    const nameless = await neighbourhood.node('nameless', { env: { EARSHOT_USERNAME: '' } });
    await nameless.start();
    const report = await doctor(nameless);
    expect([report.code, report.causes]).toEqual([1, ['not-registered']]);
  });
});

import { join } from 'node:path';
import { repositoryRoot, until, type EarshotNode } from '@earshot/testkit';
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
  const { code, stdout, stderr } = await node.command(['doctor', ...who, '--json']);
  if (stdout === '') throw new Error(`earshot doctor of ${node.name} ended with ${String(code)}: ${stderr}`);
  return reportIn(stdout, code);
}

function reportIn(stdout: string, code: number | null): Report {
  const json = JSON.parse(stdout) as Record<string, unknown>;
  const findings = json['findings'] as Finding[];
  return { code, json, findings, causes: findings.map(({ cause }) => cause) };
}

/** The doctor on a system that shows other files, by mounts that nobody else sees. */
async function doctorWhere(node: EarshotNode, mounts: readonly string[]): Promise<Report> {
  const script = ['mount --make-rprivate /', ...mounts, 'exec "$@"'].join(' && ');
  const command = [process.execPath, join(repositoryRoot, 'apps/console/dist/main.js'), 'doctor', '--json'];
  const { code, stdout, stderr } = await node.host.exec('unshare', ['-m', 'sh', '-c', script, 'sh', ...command], {
    env: node.env,
  });
  if (stdout === '') throw new Error(stderr);
  return reportIn(stdout, code);
}

/** What Podman puts into every container. */
const IN_CONTAINER = ['mount -t tmpfs none /run', 'touch /run/.containerenv'];
const IN_WSL = [
  'mount -t tmpfs none /mnt',
  "echo 'Linux version 5.15.90.1-microsoft-standard-WSL2' > /mnt/version",
  'mount --bind /mnt/version /proc/version',
];

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

  it('knows what is in between from the firewall of either machine, where it can', async () => {
    neighbourhood.lab?.host('bob').cable().block(`tcp/${bob.port}`, 'in');
    await both();
    await sendAndWait(bob, 'alice', 'you cannot call me, I call you');
    expect((await alice.command(['accept', 'bob'])).code).toBe(0);
    expect((await finds(bob, 'in-between', 'alice')).causes).toEqual(['in-between']);
    // At the other end it looks like bob's firewall, and the way out is to ask there.
    const theirs = await finds(alice, 'their-firewall', 'bob');
    expect(theirs.findings[0]?.text).toContain('or something before it');
  });

  it('knows the network of its own that WSL or a container has put somebody on', async () => {
    neighbourhood.lab?.host('alice').cable().readdress('172.17.0.2');
    await alice.start();
    await finds(alice, 'nobody-heard');
    expect((await doctorWhere(alice, IN_CONTAINER)).causes).toEqual(['container-nat', 'nobody-heard']);
    // These tests may run in a container themselves.
    expect((await doctorWhere(alice, IN_WSL)).causes).toContain('wsl-nat');
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

describeInLab('earshot doctor between two subnets', () => {
  it('says that somebody who is not heard was last in another one', async () => {
    const { neighbourhood, nodes } = await Neighbourhood.inScene('two-subnets');
    try {
      const [alice, bob] = nodes as [EarshotNode, EarshotNode];
      await Promise.all([alice, bob].map((node) => node.start()));
      await sees(alice, 'bob');
      await sendAndWait(alice, 'bob', 'hi');
      await bob.stop();
      const report = await finds(alice, 'other-subnet', 'bob');
      expect([report.code, report.causes]).toEqual([1, ['other-subnet', 'peer-away', 'nobody-heard']]);
      expect(report.findings[0]?.command).toBe(`earshot config set peers ${bob.host.ip}:${bob.port} && npm start`);
    } finally {
      await neighbourhood.close();
    }
  });
});

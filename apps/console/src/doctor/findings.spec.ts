import type { Facts, InterfaceFacts, PeerFacts } from './facts.js';
import type { Firewall } from './firewall.js';
import { CAUSES, findingsOf, isProblem, type Cause } from './findings.js';

const eth0: InterfaceFacts = {
  name: 'eth0',
  ip: '10.77.0.1',
  skipped: null,
  lastSent: '2030-01-01T00:00:00.000Z',
  hearsItself: true,
  errors: {},
  tcp: 'connected',
};
const lo: InterfaceFacts = { ...eth0, name: 'lo', ip: '127.0.0.1' };
const OPEN: Firewall = { kind: 'none', udp: 'open', tcp: 'open', opens: { udp: null, tcp: null } };
const OPENS = { udp: 'sudo ufw allow 6004/udp', tcp: 'sudo ufw allow 7001/tcp' };
const UNREADABLE: Firewall = { kind: 'ufw', udp: 'unknown', tcp: 'unknown', opens: OPENS };
const CLOSED: Firewall = { kind: 'ufw', udp: 'closed', tcp: 'closed', opens: OPENS };

/** Everything is as it should be. */
const fine: Facts = {
  platform: { system: 'linux', wsl: false, container: false },
  down: [],
  username: 'anna',
  interfaces: [eth0, lo],
  ports: {
    discovery: { port: 6004, state: 'ours', by: null },
    tcp: { port: 7001, state: 'ours', by: null },
    http: { port: 7002, state: 'ours', by: null },
  },
  firewall: OPEN,
  others: 1,
  peer: null,
};
const bob: PeerFacts = {
  id: 'b'.repeat(52),
  username: 'bob',
  trust: 'accepted',
  online: true,
  lastSeen: '2030-01-01T00:00:00.000Z',
  addresses: ['10.77.0.2:7001'],
  near: true,
  heardBy: { broadcast: 3 },
  reached: [{ address: '10.77.0.2:7001', outcome: 'connected' }],
  probe: 'answered',
  report: { tcp: 'connected', heardBy: { broadcast: 5 } },
};
const withBob = (changes: Partial<PeerFacts>, facts: Partial<Facts> = {}): Facts => ({
  ...fine,
  ...facts,
  peer: { ...bob, ...changes },
});
const report = (tcp: 'connected' | 'timed-out' | 'refused', heardBy = bob.report?.heardBy ?? {}) => ({ tcp, heardBy });
const away = { online: false, probe: 'no-session', report: null, heardBy: {} } as const;
const noAnswer: PeerFacts['reached'] = [{ address: '10.77.0.2:7001', outcome: 'timed-out' }];
const bridge = { ...eth0, ip: '172.17.0.2' };

const CASES: readonly [why: string, cause: Cause, facts: Facts, command: string | null][] = [
  ['a service is down', 'services-down', { ...fine, down: ['discovery'] }, 'npm start'],
  [
    'another program has the TCP port',
    'port-taken',
    { ...fine, ports: { ...fine.ports, tcp: { port: 7001, state: 'taken', by: { pid: 7, name: 'nc' } } } },
    'earshot config set port 7101 && npm start',
  ],
  [
    'another program has the UDP port',
    'port-taken',
    { ...fine, ports: { ...fine.ports, discovery: { port: 6004, state: 'taken', by: null } } },
    'earshot config set discoveryPort 6104 && npm start',
  ],
  ['there is no name', 'not-registered', { ...fine, username: null }, 'earshot register <name>'],
  ['only loopback is there', 'no-network', { ...fine, interfaces: [lo], others: 0 }, null],
  [
    'the setting leaves out all networks',
    'no-network',
    { ...fine, interfaces: [lo, { ...eth0, skipped: 'setting' }] },
    'earshot config set interfaces "" && npm start',
  ],
  [
    'macOS refuses to send',
    'macos-permission',
    {
      ...fine,
      platform: { ...fine.platform, system: 'darwin' },
      interfaces: [{ ...eth0, errors: { broadcast: 'EHOSTUNREACH' } }],
    },
    'open "x-apple.systempreferences:com.apple.preference.security?Privacy_LocalNetwork"',
  ],
  [
    'WSL2 is behind its NAT',
    'wsl-nat',
    { ...fine, platform: { ...fine.platform, wsl: true }, interfaces: [bridge, lo], others: 0 },
    'wsl.exe --shutdown',
  ],
  [
    'a container is on the network of its engine',
    'container-nat',
    { ...fine, platform: { ...fine.platform, container: true }, interfaces: [bridge, lo], others: 0 },
    'docker run --network host …',
  ],
  [
    'the rules here keep both ports closed',
    'my-firewall',
    { ...fine, firewall: CLOSED },
    'sudo ufw allow 6004/udp && sudo ufw allow 7001/tcp',
  ],
  [
    'they cannot connect to us, and our rules cannot be read',
    'my-firewall',
    withBob({ report: report('timed-out') }, { firewall: UNREADABLE }),
    'sudo ufw allow 7001/tcp',
  ],
  [
    'they hear us and we hear nothing, and our rules cannot be read',
    'my-firewall',
    withBob({ heardBy: {}, online: false }, { firewall: UNREADABLE }),
    'sudo ufw allow 6004/udp',
  ],
  [
    'we do not even hear ourselves',
    'my-firewall',
    { ...fine, firewall: UNREADABLE, others: 0, interfaces: [{ ...eth0, hearsItself: false }, lo] },
    'sudo ufw allow 6004/udp',
  ],
  [
    'their TCP port does not answer',
    'their-firewall',
    withBob({ ...away, online: true, reached: noAnswer, heardBy: bob.heardBy }),
    null,
  ],
  ['we hear them and they do not hear us', 'their-firewall', withBob({ report: report('connected', {}) }), null],
  ['they cannot connect though our rules let them in', 'in-between', withBob({ report: report('refused') }), null],
  ['we hear nothing though our rules let it in', 'in-between', withBob({ heardBy: {} }), null],
  [
    'only unicast arrives, either way',
    'isolation',
    withBob({ heardBy: { unicast: 2 }, report: report('connected', { unicast: 4 }) }),
    'earshot config set peers 10.77.0.2:7001 && npm start',
  ],
  [
    'they were last on a network that is none of ours',
    'other-subnet',
    withBob({ ...away, near: false, addresses: ['10.88.0.2:7001'], reached: noAnswer }),
    'earshot config set peers 10.88.0.2:7001 && npm start',
  ],
  [
    'nobody goes by that name',
    'peer-unknown',
    { ...fine, peer: { unknown: 'b\u001b[2Job' } },
    'earshot connect <host[:port]>',
  ],
  ['they are away', 'peer-away', withBob({ ...away, reached: noAnswer }), null],
  [
    'they are a stranger',
    'not-accepted',
    withBob({ probe: 'not-accepted', report: null }),
    "earshot accept 'bob#bbbbbbbbbb'",
  ],
  ['they do not answer', 'not-accepted', withBob({ probe: 'unanswered', report: null }), null],
  ['nobody else is there', 'nobody-heard', { ...fine, others: 0 }, null],
  ['all is well', 'works', withBob({}), null],
];

describe('findingsOf', () => {
  it.each(CASES)('finds that %s (%s)', (_why, cause, facts, command) => {
    const found = findingsOf(facts);
    expect(found.map((one) => one.cause)).toContain(cause);
    expect(found.find((one) => one.cause === cause)?.command).toBe(command);
    // One cause at a time; only whoever is elsewhere is away as well.
    const problems = found.filter(isProblem).map((one) => one.cause);
    const due = [cause, ...(cause === 'other-subnet' ? ['peer-away'] : [])];
    expect(problems).toEqual(isProblem({ cause, text: '', command: null }) ? due : []);
  });

  it('has a case for every cause', () => {
    expect(new Set(CASES.map(([, cause]) => cause))).toEqual(new Set(CAUSES));
  });

  it('says that all is well only where nothing is wrong', () => {
    for (const [, , facts] of CASES) {
      const found = findingsOf(facts);
      expect(found.some(isProblem)).toBe(!found.some(({ cause }) => cause === 'works'));
    }
  });

  it('holds nothing against the announcements of somebody on another network', () => {
    const far = { near: false, heardBy: { unicast: 1 }, report: report('connected', { unicast: 1 }) };
    expect(findingsOf(withBob(far)).filter(isProblem)).toEqual([]);
  });

  it('takes for heard what was heard by the last broadcasts, and not what is older', () => {
    const causes = (age: number) =>
      findingsOf(withBob({ report: report('connected', { broadcast: age }) })).map((f) => f.cause);
    expect([causes(25), causes(26)]).toEqual([['works'], ['their-firewall']]);
  });

  it('prints no control character of a name', () => {
    const evil = withBob({ ...away, username: 'b\u202eo\u001b[2Jb', reached: noAnswer });
    const texts = [...findingsOf(evil), ...findingsOf({ ...fine, peer: { unknown: 'a\u001b]0;x' } })];
    expect(JSON.stringify(texts.map(({ text }) => text))).not.toMatch(/\\u001b|\u202e/);
    const holder = { port: 7001, state: 'taken', by: { pid: 1, name: 'a\u001b[2J' } } as const;
    const [taken] = findingsOf({ ...fine, ports: { ...fine.ports, tcp: holder } });
    expect(taken?.text).not.toContain('\u001b');
  });
});

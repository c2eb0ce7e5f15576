import { findFirewall, type Probes } from './firewall.js';

const PORTS = { udp: 6004, tcp: 7001 };

/** A machine where these files can be read and these commands print something. */
function machine(files: Record<string, string>, commands: Record<string, string>): Probes {
  return {
    read: (path) => files[path],
    run: (...words) => Promise.resolve(commands[words.join(' ')]),
  };
}

/** What nft 1.0.6 printed for rules as people write them. */
function nft(chains: object[], rules: [chain: string, ...expr: object[]][]): string {
  const place = { family: 'inet', table: 'my filter' };
  return JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6', json_schema_version: 1 } },
      { table: { family: 'inet', name: 'my filter', handle: 1 } },
      ...chains.map((chain) => ({ chain: { ...place, ...chain } })),
      ...rules.map(([chain, ...expr]) => ({ rule: { ...place, chain, expr } })),
    ],
  });
}
const input = (policy: 'accept' | 'drop') => ({ name: 'input', type: 'filter', hook: 'input', prio: 0, policy });
const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } });
const dport = (protocol: string) => ({ payload: { protocol, field: 'dport' } });
const meta = (key: string) => ({ meta: { key } });
const state = { ct: { key: 'state' } };
const [accept, drop] = [{ accept: null }, { drop: null }];
const reject = { reject: { type: 'icmpx', expr: 'port-unreachable' } };
const usual: [string, ...object[]][] = [
  ['input', match(state, ['established', 'related'], 'in'), accept],
  ['input', match(meta('iifname'), 'lo'), accept],
];

describe('nftables', () => {
  it.each<[string, string, 'open' | 'closed' | 'unknown', 'open' | 'closed' | 'unknown']>([
    ['a policy that drops', nft([input('drop')], usual), 'closed', 'closed'],
    ['a policy that accepts', nft([input('accept')], usual), 'open', 'open'],
    [
      'a port in a set',
      nft([input('drop')], [...usual, ['input', match(dport('tcp'), { set: [22, { range: [7000, 7010] }] }), accept]]),
      'closed',
      'open',
    ],
    [
      'a port that is rejected',
      nft([input('accept')], [['input', match(dport('udp'), 6004), { counter: {} }, reject]]),
      'closed',
      'open',
    ],
    [
      'a protocol and a port',
      nft([input('accept')], [['input', match(meta('l4proto'), 'tcp'), match(dport('th'), 7001), drop]]),
      'open',
      'closed',
    ],
    ['all but a port', nft([input('accept')], [['input', match(dport('udp'), 53, '!='), drop]]), 'closed', 'open'],
    [
      'some addresses only',
      nft(
        [input('drop')],
        [
          [
            'input',
            match(dport('udp'), 6004),
            match({ payload: { protocol: 'ip', field: 'saddr' } }, '10.0.0.1'),
            accept,
          ],
        ],
      ),
      'unknown',
      'closed',
    ],
    ['a set with a name', nft([input('drop')], [['input', match(dport('tcp'), '@open'), accept]]), 'closed', 'unknown'],
    [
      'a map of verdicts',
      nft(
        [input('accept')],
        [
          [
            'input',
            {
              vmap: {
                key: state,
                data: {
                  set: [
                    ['established', accept],
                    ['new', drop],
                  ],
                },
              },
            },
          ],
        ],
      ),
      'closed',
      'closed',
    ],
    ['a statement that nobody here knows', nft([input('accept')], [['input', { xt: null }]]), 'unknown', 'unknown'],
    [
      'so many a second',
      nft([input('drop')], [['input', match(dport('udp'), 6004), { limit: { rate: 5 } }, accept]]),
      'unknown',
      'closed',
    ],
    [
      'a chain that is jumped to, and comes back',
      nft(
        [input('drop'), { name: 'more' }],
        [
          ['input', { jump: { target: 'more' } }],
          ['more', match(dport('tcp'), 7001), accept],
        ],
      ),
      'closed',
      'open',
    ],
    [
      'a chain that is gone to, and does not come back',
      nft(
        [input('drop'), { name: 'more' }],
        [
          ['input', { goto: { target: 'more' } }],
          ['input', accept],
        ],
      ),
      'closed',
      'closed',
    ],
    [
      'a rule behind one that decides',
      nft(
        [input('accept')],
        [
          ['input', drop],
          ['input', accept],
        ],
      ),
      'closed',
      'closed',
    ],
    ['a second chain that drops', nft([input('accept'), { ...input('drop'), name: 'second' }], []), 'closed', 'closed'],
    [
      'another family',
      JSON.stringify({ nftables: [{ chain: { family: 'ip6', table: 't', ...input('drop') } }] }),
      'open',
      'open',
    ],
    ['no rules', JSON.stringify({ nftables: [] }), 'open', 'open'],
  ])('%s', async (_what, listed, udp, tcp) => {
    expect(await findFirewall(PORTS, machine({}, { 'nft -j list ruleset': listed }))).toMatchObject({ udp, tcp });
  });

  it('opens a port in every chain that closes it, in names that a shell takes as they are', async () => {
    const listed = nft(
      [
        { ...input('drop'), name: "it's" },
        { ...input('accept'), name: 'open' },
        { ...input('drop'), name: 'second' },
      ],
      [],
    );
    const { kind, opens } = await findFirewall(PORTS, machine({}, { 'nft -j list ruleset': listed }));
    expect(kind).toBe('nft');
    expect(opens.udp).toBe(
      "sudo nft insert rule inet 'my filter' 'it'\\''s' udp dport 6004 accept && sudo nft insert rule inet 'my filter' second udp dport 6004 accept",
    );
  });

  it('is unknown where its rules are root’s to read', async () => {
    expect(await findFirewall(PORTS, machine({}, {}))).toEqual({
      kind: 'unknown',
      udp: 'unknown',
      tcp: 'unknown',
      opens: { udp: null, tcp: null },
    });
    expect((await findFirewall(PORTS, machine({}, { 'nft -j list ruleset': 'oops' }))).kind).toBe('unknown');
  });
});

describe('iptables', () => {
  const usual =
    '-P INPUT DROP\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n';
  it.each([
    ['a policy that drops', usual, 'closed', 'closed'],
    ['a port', `${usual}-A INPUT -p udp -m udp --dport 6004 -j ACCEPT`, 'open', 'closed'],
    ['a range', `${usual}-A INPUT -p tcp -m multiport --dports 22,7000:7010 -j ACCEPT`, 'closed', 'open'],
    [
      'a rejection at the end',
      '-P INPUT ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited',
      'closed',
      'closed',
    ],
    ['all but a protocol', '-P INPUT ACCEPT\n-A INPUT ! -p tcp -j DROP', 'closed', 'open'],
    ['some addresses only', `${usual}-A INPUT -s 10.0.0.0/8 -p udp -m udp --dport 6004 -j ACCEPT`, 'unknown', 'closed'],
    [
      'a chain of its own',
      `-N mine\n${usual}-A INPUT -j mine\n-A mine -p tcp -m tcp --dport 7001 -j ACCEPT`,
      'closed',
      'open',
    ],
    ['a chain that nobody made', '-P INPUT ACCEPT\n-A INPUT -j gone', 'unknown', 'unknown'],
  ])('%s', async (_what, listed, udp, tcp) => {
    const found = await findFirewall(PORTS, machine({}, { 'iptables -S': listed }));
    expect(found).toMatchObject({
      kind: 'iptables',
      udp,
      tcp,
      opens: {
        udp: 'sudo iptables -I INPUT -p udp --dport 6004 -j ACCEPT',
        tcp: 'sudo iptables -I INPUT -p tcp --dport 7001 -j ACCEPT',
      },
    });
  });
});

describe('ufw', () => {
  const conf = { '/etc/ufw/ufw.conf': '# comment\nENABLED=yes\nLOGLEVEL=low\n' };
  const tuple = (what: string) => `### tuple ### ${what} 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input ...\n`;
  it.each<[string, Record<string, string>, string, string]>([
    ['rules that cannot be read', conf, 'unknown', 'unknown'],
    ['no rules', { ...conf, '/etc/ufw/user.rules': '*filter\n' }, 'closed', 'closed'],
    ['a rule for one', { ...conf, '/etc/ufw/user.rules': tuple('allow udp 6004') }, 'open', 'unknown'],
    ['a rule for both protocols', { ...conf, '/etc/ufw/user.rules': tuple('allow any 7001') }, 'unknown', 'open'],
  ])('%s', async (_what, files, udp, tcp) => {
    expect(await findFirewall(PORTS, machine(files, {}))).toEqual({
      kind: 'ufw',
      udp,
      tcp,
      opens: { udp: 'sudo ufw allow 6004/udp', tcp: 'sudo ufw allow 7001/tcp' },
    });
  });

  it('counts only where it is switched on', async () => {
    const off = { '/etc/ufw/ufw.conf': 'ENABLED=no\n' };
    expect((await findFirewall(PORTS, machine(off, { 'nft -j list ruleset': '{"nftables":[]}' }))).kind).toBe('none');
  });
});

describe('firewalld', () => {
  const zone = (target: string, ports: string) =>
    `public (active)\n  target: ${target}\n  services: ssh\n  ports: ${ports}\n  rich rules: \n`;
  it.each([
    ['a range', zone('default', '1025-65535/udp 22/tcp'), 'open', 'closed'],
    ['a port', zone('default', '7001/tcp'), 'closed', 'open'],
    ['a zone that trusts all', zone('ACCEPT', ''), 'open', 'open'],
    ['a zone that nobody may see', undefined, 'unknown', 'unknown'],
  ])('%s', async (_what, listed, udp, tcp) => {
    const commands = {
      'firewall-cmd --state': 'running\n',
      ...(listed === undefined ? {} : { 'firewall-cmd --list-all': listed }),
    };
    expect(await findFirewall(PORTS, machine({}, commands))).toMatchObject({
      kind: 'firewalld',
      udp,
      tcp,
      opens: { udp: 'sudo firewall-cmd --permanent --add-port=6004/udp && sudo firewall-cmd --reload' },
    });
  });
});

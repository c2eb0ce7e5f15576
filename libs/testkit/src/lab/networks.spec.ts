import { isDeepStrictEqual } from 'node:util';
import type { BackgroundCommand } from '../background-command.js';
import { until } from '../until.js';
import { Lab } from './lab.js';
import type { LabHost } from './lab-host.js';

const GROUP = '239.255.60.4';
/**
 * Prints what comes to UDP port 4000, answers TCP there with all that it gets, and does what it reads: `say` sends texts to
 * an address, one datagram each, `echo` sends so many bytes by TCP and prints how many came back, or what went wrong.
 */
const AGENT = `
const [dgram, net, os] = ['dgram', 'net', 'os'].map(require);
const udp = dgram.createSocket('udp4').on('message', (text) => console.log(String(text)));
const speaker = dgram.createSocket('udp4');
const say = (to, ...texts) => {
  let left = texts.length;
  for (const text of texts) speaker.send(text, 4000, to, () => { if (--left === 0) console.log('said'); });
};
const echo = (to, count) => {
  let back = 0;
  const socket = net.connect(4000, to).setTimeout(1500, () => { console.log('echo silence'); socket.destroy(); });
  socket.on('data', (d) => { back += d.length; if (back === Number(count)) socket.end(); });
  socket.on('end', () => console.log('echo ' + back)).on('error', (e) => console.log('echo ' + e.code));
  socket.write(Buffer.alloc(Number(count), 7));
};
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [what, ...rest] = JSON.parse(line);
  ({ say, echo })[what](...rest);
});
speaker.bind(() => {
  speaker.setBroadcast(true);
  // No route leads to a group.
  for (const [{ address }] of Object.values(os.networkInterfaces())) speaker.setMulticastInterface(address);
});
udp.bind(4000, () => {
  for (const [{ address }] of Object.values(os.networkInterfaces())) udp.addMembership('${GROUP}', address);
  net.createServer((s) => s.on('error', () => {}).pipe(s)).listen(4000, () => console.log('listening'));
});
`;

/** A program on a host that listens and speaks. */
class Agent {
  private constructor(
    readonly host: LabHost,
    private readonly command: BackgroundCommand,
  ) {}

  static async on(host: LabHost): Promise<Agent> {
    const command = host.background(process.execPath, ['-e', AGENT]);
    await command.line(`${host.name} listens`, (line) => line === 'listening');
    return new Agent(host, command);
  }

  /** The texts that came in. */
  get heard(): string[] {
    return this.command.lines.filter((line) => line !== 'listening' && line !== 'said' && !line.startsWith('echo'));
  }

  async say(to: string, ...texts: string[]): Promise<void> {
    await this.answer(['say', to, ...texts]);
  }

  async echo(to: string, count: number): Promise<string> {
    return (await this.answer(['echo', to, String(count)])).slice('echo '.length);
  }

  async hears(text: string): Promise<void> {
    await this.command.line(`${this.host.name} hears ${text}`, (line) => line === text);
  }

  private async answer(request: readonly string[]): Promise<string> {
    const answers = () => this.command.lines.filter((line) => line === 'said' || line.startsWith('echo'));
    const before = answers().length;
    this.command.type(`${JSON.stringify(request)}\n`);
    return until(`${this.host.name} answers`, () => answers()[before]);
  }
}

const why = Lab.unavailable();
const describeLab = why === undefined ? describe : describe.skip;

/** The interfaces of a host as programs see them. */
async function addresses(host: LabHost): Promise<Record<string, string[]>> {
  const { stdout } = await host.exec(process.execPath, ['-p', 'JSON.stringify(require("os").networkInterfaces())']);
  const all = Object.entries(JSON.parse(stdout) as Record<string, { address: string }[]>);
  return Object.fromEntries(
    all.filter(([name]) => name !== 'lo').map(([name, list]) => [name, list.map(({ address }) => address)]),
  );
}

describeLab(`The networks of a lab${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let lab: Lab;
  beforeEach(() => {
    lab = Lab.open();
  });
  afterEach(() => {
    lab.close();
  });

  it('are joined by a router, for those who have a route by it', async () => {
    const [upstairs, downstairs] = [lab.network('upstairs'), lab.network('downstairs')];
    const router = lab.router('router', [upstairs, downstairs]);
    const [alice, bob] = [lab.host('alice', { on: [upstairs] }), lab.host('bob', { on: [downstairs] })];
    const [one] = [await Agent.on(alice), await Agent.on(bob)];
    expect(await one.echo(bob.ip, 5)).toBe('ENETUNREACH');
    for (const host of [alice, bob]) host.routeBy(router);
    expect(await one.echo(bob.ip, 5)).toBe('5');
  });

  it('have interfaces that come, change address, are switched off, and go', async () => {
    const [alice, cellar] = [lab.host('alice'), lab.network('cellar')];
    // The kernel takes a moment to see that a cable is plugged.
    const shows = async (expected: Record<string, string[]>) => {
      const isSo = async () => isDeepStrictEqual(await addresses(alice), expected);
      await until('it is so', isSo, 5_000).catch(() => undefined);
      expect(await addresses(alice)).toEqual(expected);
    };
    for (const cable of [alice.cable(), alice.plug(cellar)]) cable.ipv6(false);
    await shows({ eth0: ['10.77.0.1'], eth1: ['10.77.1.1'] });
    alice.cable(cellar).readdress('10.77.1.99');
    await shows({ eth0: ['10.77.0.1'], eth1: ['10.77.1.99'] });
    alice.cable().down();
    await shows({ eth1: ['10.77.1.99'] });
    alice.cable().up();
    alice.unplug(cellar);
    await shows({ eth0: ['10.77.0.1'] });
  });

  it('have link-local IPv6, if wanted', async () => {
    const alice = lab.host('alice');
    await until('the address is there', async () => (await addresses(alice))['eth0']?.[1]?.startsWith('fe80:'));
    alice.cable().ipv6(false);
    expect(await addresses(alice)).toEqual({ eth0: ['10.77.0.1'] });
  });

  it('carry frames of the size that is set', async () => {
    const [alice, bob] = [await Agent.on(lab.host('alice')), await Agent.on(lab.host('bob'))];
    const large = 'x'.repeat(1_300);
    await alice.say(bob.host.ip, large);
    await bob.hears(large);
    alice.host.cable().mtu(1_280);
    expect((await alice.host.exec('cat', ['/sys/class/net/eth0/mtu'])).stdout.trim()).toBe('1280');
    // The sender cuts a datagram in two where it must.
    await alice.say(bob.host.ip, `${large}!`);
    await bob.hears(`${large}!`);
  });

  it('lose a share of what they carry, in one direction if so wanted', async () => {
    const [alice, bob] = [await Agent.on(lab.host('alice')), await Agent.on(lab.host('bob'))];
    const texts = Array.from({ length: 100 }, (_, n) => `no. ${n}`);
    await alice.say(bob.host.ip, 'hello', ...texts);
    await bob.hears('no. 99');
    expect(bob.heard).toHaveLength(101);

    bob.host.cable().lose(50, 'in');
    await alice.say(bob.host.ip, ...texts);
    bob.host.cable().clear();
    bob.host.cable().lose(50, 'out');
    await alice.say(bob.host.ip, ...texts);
    bob.host.cable().clear();
    lab.lan.lose(50);
    await alice.say(bob.host.ip, ...texts);
    lab.lan.clear();
    await alice.say(bob.host.ip, 'over');
    await bob.hears('over');
    // A hundred, and the half of two hundred: six standard deviations around it.
    const arrived = bob.heard.length - 102;
    expect(arrived).toBeGreaterThan(155);
    expect(arrived).toBeLessThan(245);
  });

  it.each([
    ['broadcast', '10.77.0.255'],
    ['multicast', GROUP],
    ['udp', '10.77.0.2'],
    ['udp/4000', '10.77.0.2'],
    ['all', '10.77.0.2'],
  ] as const)('block %s for all, to one, from one, and in a host’s firewall', async (traffic, to) => {
    const [alice, bob, carol] = [
      await Agent.on(lab.host('alice')),
      await Agent.on(lab.host('bob')),
      await Agent.on(lab.host('carol')),
    ];
    const rules: [name: string, block: () => void, blocksCarol: boolean][] = [
      [
        'in the network',
        () => {
          lab.lan.block(traffic);
        },
        true,
      ],
      [
        'to bob',
        () => {
          bob.host.cable().block(traffic, 'in');
        },
        true,
      ],
      [
        'from alice',
        () => {
          alice.host.cable().block(traffic, 'out');
        },
        false,
      ],
      [
        'by alice',
        () => {
          alice.host.block(traffic, 'out');
        },
        false,
      ],
      [
        'by bob',
        () => {
          bob.host.block(traffic, 'in');
        },
        true,
      ],
    ];
    // Once known to each other, they need no address resolution, which would hold back a datagram until it is answered.
    for (const agent of [alice, carol]) {
      await agent.say(bob.host.ip, `hello from ${agent.host.name}`);
      await bob.hears(`hello from ${agent.host.name}`);
    }
    for (const [where, block, blocksCarol] of rules) {
      block();
      await alice.say(to, `from alice, blocked ${where}`);
      await carol.say(to, `from carol, blocked ${where}`);
      lab.lan.clear();
      for (const { host } of [alice, bob]) host.cable().clear();
      for (const { host } of [alice, bob]) host.unblock();
      await alice.say(to, `from alice, free ${where}`);
      await bob.hears(`from alice, free ${where}`);
      expect(bob.heard.includes(`from alice, blocked ${where}`)).toBe(false);
      expect([where, bob.heard.includes(`from carol, blocked ${where}`)]).toEqual([where, !blocksCarol]);
    }
  });

  it.each(['broadcast', 'multicast'] as const)(
    'carry what is sent to one host while %s is blocked',
    async (traffic) => {
      const [alice, bob] = [await Agent.on(lab.host('alice')), await Agent.on(lab.host('bob'))];
      lab.lan.block(traffic);
      await alice.say(bob.host.ip, 'to you alone');
      await bob.hears('to you alone');
      expect(await alice.echo(bob.host.ip, 5)).toBe('5');
    },
  );

  it('have hosts whose firewall swallows or refuses a connection', async () => {
    const [alice, bob] = [await Agent.on(lab.host('alice')), await Agent.on(lab.host('bob'))];
    bob.host.block('tcp/4000', 'in', 'drop');
    expect(await alice.echo(bob.host.ip, 5)).toBe('silence');
    bob.host.unblock();
    bob.host.block('tcp', 'in', 'reject');
    expect(await alice.echo(bob.host.ip, 5)).toBe('ECONNREFUSED');
    bob.host.unblock();
    bob.host.block('tcp/4001', 'in', 'reject');
    expect(await alice.echo(bob.host.ip, 5)).toBe('5');
  });

  it('have slow lines, on which datagrams overtake each other and TCP goes on', async () => {
    const [alice, bob] = [await Agent.on(lab.host('alice')), await Agent.on(lab.host('bob'))];
    const cable = alice.host.cable();
    await cable.slow({ delayMs: 20, jitterMs: 30 });
    const texts = Array.from({ length: 60 }, (_, n) => `no. ${n}`);
    await alice.say(bob.host.ip, ...texts);
    await until('all are there', () => bob.heard.length === texts.length);
    expect(bob.heard).not.toEqual(texts);
    expect([...bob.heard].sort()).toEqual([...texts].sort());
    expect(await alice.echo(bob.host.ip, 500_000)).toBe('500000');
    // Rules at its port hold as before.
    cable.block('tcp', 'out');
    expect(await alice.echo(bob.host.ip, 5)).toBe('silence');
  });
});

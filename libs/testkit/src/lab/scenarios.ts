import type { Lab } from './lab.js';
import type { LabHost } from './lab-host.js';

export interface Person {
  readonly name: string;
  readonly host: LabHost;
  /** Settings of this person's Earshot. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A network with people on it, and what can happen there. */
export class Scene {
  constructor(
    readonly people: readonly Person[],
    private readonly happenings: Readonly<Record<string, () => void>> = {},
  ) {}

  get steps(): string[] {
    return Object.keys(this.happenings);
  }

  take(step: string): void {
    const happen = this.happenings[step];
    if (happen === undefined) throw new Error(`no such step: ${step}`);
    happen();
  }
}

export interface Scenario {
  /** One line for a person who chooses. */
  readonly about: string;
  readonly build: (lab: Lab) => Scene | Promise<Scene>;
}

/** The port that everybody listens on here; each has a host alone. */
export const LAB_PORT = 7001;

function onOneNetwork(lab: Lab, ...names: string[]): Person[] {
  return names.map((name) => ({ name, host: lab.host(name) }));
}

/** For tests, and for people who play with `npm run lab`. */
export const SCENARIOS = {
  'one-network': {
    about: 'three people on one network; a cable that is pulled out and put back',
    build: (lab) => {
      const people = onOneNetwork(lab, 'alice', 'bob', 'carol');
      const bob = lab.host('bob');
      return new Scene(people, {
        cut: () => {
          lab.cut(bob);
        },
        join: () => {
          lab.join(bob);
        },
      });
    },
  },
  middle: {
    about: 'bob is on two networks, alice and carol on one of them each; nothing is routed',
    build: (lab) => {
      const [left, right] = [lab.network('left'), lab.network('right')];
      return new Scene([
        { name: 'alice', host: lab.host('alice', { on: [left] }) },
        { name: 'bob', host: lab.host('bob', { on: [left, right] }) },
        { name: 'carol', host: lab.host('carol', { on: [right] }) },
      ]);
    },
  },
  moving: {
    about: 'alice gets a second interface, towards carol; it changes its address, and goes',
    build: (lab) => {
      const cellar = lab.network('cellar');
      const alice = lab.host('alice');
      const people = onOneNetwork(lab, 'alice', 'bob');
      return new Scene([...people, { name: 'carol', host: lab.host('carol', { on: [cellar] }) }], {
        plug: () => {
          alice.plug(cellar);
        },
        move: () => {
          alice.cable(cellar).readdress(cellar.address(99));
        },
        unplug: () => {
          alice.unplug(cellar);
        },
      });
    },
  },
  lossy: {
    about: 'three people on a network that loses 30 of 100 frames',
    build: (lab) => {
      const lose = (): void => {
        lab.lan.lose(30);
      };
      lose();
      return new Scene(onOneNetwork(lab, 'alice', 'bob', 'carol'), {
        lose,
        heal: () => {
          lab.lan.clear();
        },
      });
    },
  },
  'two-subnets': {
    about: 'a router between alice and carol upstairs and bob downstairs; alice has bob in EARSHOT_PEERS',
    build: (lab) => {
      const [upstairs, downstairs] = [lab.network('upstairs'), lab.network('downstairs')];
      const router = lab.router('router', [upstairs, downstairs]);
      const [alice, bob] = [lab.host('alice', { on: [upstairs] }), lab.host('bob', { on: [downstairs] })];
      const carol = lab.host('carol', { on: [upstairs] });
      for (const host of [alice, bob, carol]) host.routeBy(router);
      return new Scene([
        { name: 'alice', host: alice, env: { EARSHOT_PEERS: bob.ip } },
        { name: 'bob', host: bob },
        { name: 'carol', host: carol },
      ]);
    },
  },
  isolated: {
    about: 'a network that can be told to carry no broadcast and no multicast, or nothing from one to another',
    build: (lab) =>
      new Scene(onOneNetwork(lab, 'alice', 'bob'), {
        mute: () => {
          for (const traffic of ['broadcast', 'multicast'] as const) lab.lan.block(traffic);
        },
        isolate: () => {
          lab.lan.block('all');
        },
        open: () => {
          lab.lan.clear();
        },
      }),
  },
  firewall: {
    about: 'bob’s firewall swallows or refuses what comes to his TCP port, or swallows all announcements',
    build: (lab) => {
      const bob = lab.host('bob');
      return new Scene(onOneNetwork(lab, 'alice', 'bob'), {
        drop: () => {
          bob.block(`tcp/${LAB_PORT}`, 'in', 'drop');
        },
        reject: () => {
          bob.block(`tcp/${LAB_PORT}`, 'in', 'reject');
        },
        deaf: () => {
          bob.block('udp', 'in', 'drop');
        },
        open: () => {
          bob.unblock();
        },
      });
    },
  },
  slow: {
    about: 'a line to bob of 300 to 500 ms each way, on which datagrams overtake each other',
    build: async (lab) => {
      const scene = new Scene(onOneNetwork(lab, 'alice', 'bob'));
      await lab.host('bob').cable().slow({ delayMs: 300, jitterMs: 200 });
      return scene;
    },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;

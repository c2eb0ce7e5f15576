import {
  EarshotNode,
  freeUdpPort,
  Lab,
  LAB_PORT,
  SCENARIOS,
  temporaryFolder,
  thisMachine,
  until,
  type NodeOptions,
  type ScenarioName,
  type Scene,
} from '@earshot/testkit';

/** People who share a network, on this machine's loopback or in a lab, and everything of theirs that must be gone afterwards. */
export class Neighbourhood {
  private readonly folder = temporaryFolder();
  private readonly nodes: EarshotNode[] = [];

  private constructor(
    readonly discoveryPort: number,
    readonly lab: Lab | undefined,
  ) {}

  static async onThisMachine(): Promise<Neighbourhood> {
    return new Neighbourhood(await freeUdpPort(), undefined);
  }

  /** In namespaces of its own the default port is free. */
  static inLab(): Neighbourhood {
    return new Neighbourhood(6004, Lab.open());
  }

  /** A network of a scenario, with its people in their order; none is started yet. */
  static async inScene(
    name: ScenarioName,
  ): Promise<{ neighbourhood: Neighbourhood; scene: Scene; nodes: EarshotNode[] }> {
    const neighbourhood = Neighbourhood.inLab();
    const scene = await SCENARIOS[name].build(neighbourhood.lab as Lab);
    const nodes = await Promise.all(
      scene.people.map(({ name: person, host, env = {} }) => neighbourhood.node(person, { host, env, port: LAB_PORT })),
    );
    return { neighbourhood, scene, nodes };
  }

  /** A node that is not started yet, registered under its own name unless `env` says otherwise. */
  async node(name: string, options: Partial<NodeOptions> = {}): Promise<EarshotNode> {
    const host = options.host ?? this.lab?.host(name);
    const node = await EarshotNode.create({
      name,
      folder: this.folder.path,
      discoveryPort: this.discoveryPort,
      ...options,
      ...(host === undefined ? {} : { host }),
      env: { EARSHOT_USERNAME: name, ...options.env },
    });
    this.nodes.push(node);
    return node;
  }

  /** Two nodes that run and have found each other. */
  async aliceAndBob(options: Partial<NodeOptions> = {}): Promise<[alice: EarshotNode, bob: EarshotNode]> {
    const alice = await this.node('alice', options);
    const bob = await this.node('bob', options);
    await Promise.all([alice.start(), bob.start()]);
    await Promise.all([sees(alice, 'bob'), sees(bob, 'alice')]);
    return [alice, bob];
  }

  /** A folder for files of the test, removed with the rest. */
  get path(): string {
    return this.folder.path;
  }

  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.nodes.map((node) => node.close()));
    thisMachine.killChildren();
    this.lab?.close();
    this.folder.remove();
    for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

export async function peerOf(node: EarshotNode, username: string): Promise<Record<string, unknown> | undefined> {
  return (await node.ask('peers')).find((peer) => peer['username'] === username);
}

/** Waits until a node lists somebody as online. */
export function sees(node: EarshotNode, username: string): Promise<Record<string, unknown>> {
  return until(`${node.name} sees ${username} online`, async () => {
    const peer = await peerOf(node, username);
    return peer?.['presence'] === 'online' ? peer : undefined;
  });
}

/** The texts of a conversation as one side has them, oldest first. */
export async function texts(node: EarshotNode, peer: string, direction?: 'sent' | 'received'): Promise<unknown[]> {
  const rows = await node.ask('history', peer, '--limit', '500');
  return rows.filter((row) => direction === undefined || row['direction'] === direction).map((row) => row['text']);
}

export async function sendAndWait(node: EarshotNode, peer: string, text: string): Promise<void> {
  const [sent] = await node.ask('send', peer, text, '--wait', 'delivered');
  if (sent?.['state'] !== 'delivered') throw new Error(`the message is ${String(sent?.['state'])}`);
}

const noLab = Lab.unavailable();
/** Tests in network namespaces; where none can be made they are skipped, and the title says why. */
export const describeInLab = (title: string, tests: () => void): void => {
  if (noLab === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${noLab})`, tests);
};

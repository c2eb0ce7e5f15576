import { EarshotNode, freeUdpPort, temporaryFolder, thisMachine } from '@earshot/testkit';

/** Two people whose real messengers run and have met, without the other services. */
export class Talkers {
  private constructor(
    private readonly folder: ReturnType<typeof temporaryFolder>,
    readonly anna: EarshotNode,
    readonly bob: EarshotNode,
  ) {}

  static async meet(): Promise<Talkers> {
    const folder = temporaryFolder();
    const discoveryPort = await freeUdpPort();
    // bob takes what strangers send, so that more than a request's worth arrives.
    const person = (name: string) =>
      EarshotNode.create({
        name,
        folder: folder.path,
        discoveryPort,
        env: { EARSHOT_USERNAME: name, EARSHOT_POLICY: 'open' },
      });
    const talkers = new Talkers(folder, await person('anna'), await person('bob'));
    await Promise.all([talkers.anna.start(['messenger']), talkers.bob.start(['messenger'])]);
    const { code, stderr } = await talkers.anna.command(['connect', `127.0.0.1:${talkers.bob.port}`]);
    if (code !== 0) throw new Error(`anna cannot reach bob: ${stderr}`);
    return talkers;
  }

  async part(): Promise<void> {
    const closed = await Promise.allSettled([this.anna.close(), this.bob.close()]);
    thisMachine.killChildren();
    this.folder.remove();
    for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

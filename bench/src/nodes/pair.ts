/** Two people on this machine, each with a real messenger process, who have accepted each other. */
import { createClient, type Client } from '@earshot/ipc';
import { DISCOVERY_PORT } from '@earshot/protocol';
import { messengerContract, type MessengerContract } from '@earshot/protocol/ipc';
import { dataFolder } from '@earshot/runtime';
import { APPS, EarshotNode, freeUdpPort, until, type AppName, type Host, type Lab } from '@earshot/testkit';
import type { Place } from '../place.js';
import { PROFILE_FOLDER_VARIABLE } from './profiler.js';

export interface Person {
  readonly node: EarshotNode;
  /** Peer id. */
  readonly id: string;
  /** Where the sockets are. */
  readonly sockets: string;
  readonly client: Client<MessengerContract>;
}

/**
 * @param host in a lab, where the default port is free; else this machine
 * @param discoveryPort of those who are to find each other on this machine
 */
export async function startNode(
  place: Place,
  name: string,
  apps: readonly AppName[],
  host?: Host,
  discoveryPort?: number,
): Promise<EarshotNode> {
  const node = await EarshotNode.create({
    name,
    folder: place.folder,
    discoveryPort: discoveryPort ?? (host === undefined ? await freeUdpPort() : DISCOVERY_PORT),
    ...(host === undefined ? {} : { host }),
    env: {
      EARSHOT_USERNAME: name,
      EARSHOT_POLICY: 'open',
      ...(place.profiles === undefined ? {} : profiling(place.profiles)),
    },
  });
  place.defer(() => node.close());
  return node.start(apps);
}

function profiling(folder: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${import.meta.resolve('./profiler.js')}`, [PROFILE_FOLDER_VARIABLE]: folder };
}

/** With a session between them; in a lab with all four processes each, and on hosts of their own. */
export async function startPair(place: Place, lab?: Lab): Promise<{ a: Person; b: Person }> {
  const [a, b] = await Promise.all([startPerson(place, 'a', lab), startPerson(place, 'b', lab)]);
  await a.client.call('connect', { host: b.node.host.ip, port: b.node.port });
  for (const [own, peer] of [[a, b.id] as const, [b, a.id] as const]) {
    await until('the other one is known', () =>
      own.client.call('setTrust', { peer, trust: 'accepted' }).catch(() => false),
    );
  }
  return { a, b };
}

async function startPerson(place: Place, name: string, lab?: Lab): Promise<Person> {
  const node = await startNode(place, name, lab === undefined ? ['messenger'] : APPS, lab?.host(name));
  const { sockets } = dataFolder(node.env);
  const client = createClient(messengerContract, { directory: sockets, deadlineMs: 30_000 });
  place.defer(() => {
    client.close();
  });
  return { node, sockets, client, id: (await client.call('whoami', {})).id };
}

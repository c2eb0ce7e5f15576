/** The programs as a supervisor starts them: the real messengers write, the real log server shows. */
import { chmodSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { createClient, type Client } from '@earshot/ipc';
import { messengerContract, type MessengerContract } from '@earshot/protocol/ipc';
import { dataFolder } from '@earshot/runtime';
import { EarshotNode, freeUdpPort, temporaryFolder, until } from '@earshot/testkit';
import { EventReader } from '../test/event-reader.js';

class Person {
  readonly messenger: Client<MessengerContract>;

  constructor(readonly node: EarshotNode) {
    this.messenger = createClient(messengerContract, { directory: dataFolder(node.env).sockets });
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const token = readFileSync(join(this.node.home, 'http-token'), 'utf8').trim();
    return fetch(`http://127.0.0.1:${this.node.port + 1}${path}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
  }

  send(peer: string, text: string): Promise<unknown> {
    return this.messenger.call('send', { id: crypto.randomUUID(), peer, text });
  }

  async close(): Promise<void> {
    this.messenger.close();
    await this.node.close();
  }
}

describe('the log server beside real messengers', () => {
  const folder = temporaryFolder();
  const people: Person[] = [];
  let discoveryPort: number;
  const person = async (name: string, env: Record<string, string> = {}): Promise<Person> => {
    const node = await EarshotNode.create({
      name,
      folder: folder.path,
      discoveryPort,
      env: { EARSHOT_USERNAME: name, EARSHOT_POLICY: 'open', ...env },
    });
    people.push(new Person(node));
    return people.at(-1) as Person;
  };

  beforeAll(async () => {
    discoveryPort = await freeUdpPort();
  });
  afterAll(async () => {
    await Promise.all(people.map((one) => one.close()));
    folder.remove();
  });

  it('shows messages as they come, also those of a time when it was down, and works without its messenger', async () => {
    const [anna, bob] = [await person('anna'), await person('bob')];
    await anna.node.start(['logserver']);
    expect((await anna.get('/healthz')).status).toBe(200);
    expect((await anna.get('/api/v1/conversations')).status).toBe(503);
    await Promise.all([anna.node.start(['messenger']), bob.node.start(['messenger'])]);
    await until('the history is there', async () => (await anna.get('/api/v1/conversations')).ok);

    const events = new EventReader(await anna.get('/api/v1/events'));
    const { id: bobId } = await anna.messenger.call('connect', { host: '127.0.0.1', port: bob.node.port });
    await anna.send(bobId, 'do you read me?');
    const [message, sent, delivered] = await events.take(3);
    expect(message).toMatchObject({ event: 'message', data: { peer: bobId, username: 'bob', direction: 'sent' } });
    expect(sent).toMatchObject({ event: 'state', data: { id: message?.data?.['id'], state: 'sent' } });
    expect(delivered).toMatchObject({ event: 'state', data: { id: message?.data?.['id'], state: 'delivered' } });
    await events.close();

    const { id: annaId } = await anna.messenger.call('whoami', {});
    await anna.node.kill('logserver');
    await bob.send(annaId, 'loud and clear');
    await until('the log server is back', () =>
      anna.get('/healthz').then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    const again = new EventReader(await anna.get('/api/v1/events', { 'last-event-id': String(delivered?.id) }));
    expect(await again.next()).toMatchObject({ data: { direction: 'received', text: 'loud and clear' } });

    // Without its messenger, and with it again.
    await anna.node.stop(['messenger']);
    const log = (await (await anna.get('/anna_chat_log.json')).json()) as { direction: string; message: string }[];
    expect(log.map(({ direction, message }) => [direction, message])).toEqual([
      ['SENT', 'do you read me?'],
      ['RECEIVED', 'loud and clear'],
    ]);
    await anna.node.start(['messenger']);
    await anna.send(bobId, 'still there?');
    expect(await again.next()).toMatchObject({ data: { direction: 'sent', text: 'still there?' } });
    await again.close();
  });

  it('says which port is taken and how to choose another', async () => {
    const carol = await person('carol');
    const squatter = createServer().listen(carol.node.port + 1, '127.0.0.1');
    await once(squatter, 'listening');
    const { code, stderr } = await carol.node.run('logserver');
    squatter.close();
    expect(code).toBe(78);
    expect(stderr).toContain(`HTTP port ${carol.node.port + 1} (always the TCP port plus one) is taken`);
    expect(stderr).toContain('EARSHOT_PORT');
  });

  it.each(['0.0.0.0', '192.0.2.1', '::', 'example.org'])('refuses to serve others: %s', async (host) => {
    const dave = await person(`dave${people.length}`);
    const { code, stderr } = await dave.node.run('logserver', { EARSHOT_HTTP_HOST: host });
    expect(code).toBe(78);
    expect(stderr).toContain('EARSHOT_HTTP_HOST must be a loopback address');
  });

  it('refuses a token that others can read', async () => {
    const erin = await person('erin');
    await erin.node.start(['logserver']);
    await erin.node.stop(['logserver']);
    const file = join(erin.node.home, 'http-token');
    const token = readFileSync(file, 'utf8');
    chmodSync(file, 0o644);
    const { code, stderr } = await erin.node.run('logserver');
    expect(code).toBe(78);
    expect(stderr).toContain(`${file} can be read by others (mode 644): remove it`);
    expect(stderr).not.toContain(token.trim());
  });

  it.each(['localhost', '::1', '127.0.0.2'])('serves on %s too', async (host) => {
    const { node } = await person(`frank${people.length}`, { EARSHOT_HTTP_HOST: host });
    await node.start(['logserver']);
    const name = host === '::1' ? '[::1]' : host;
    expect((await fetch(`http://${name}:${node.port + 1}/healthz`)).status).toBe(200);
  });
});

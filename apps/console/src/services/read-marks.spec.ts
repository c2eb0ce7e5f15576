import { createClient } from '@earshot/ipc';
import { messengerContract } from '@earshot/protocol/ipc';
import { dataFolder } from '@earshot/runtime';
import { Talkers } from '../../test/talkers.js';
import type { Messenger } from './connection.js';
import { ReadMarks } from './read-marks.js';

const NOBODY = 'z'.repeat(51) + 'a';

describe('what was read', () => {
  let talkers: Talkers;
  let messenger: Messenger;
  let marks: ReadMarks;
  let bob: string;
  beforeAll(async () => {
    talkers = await Talkers.meet();
    messenger = createClient(messengerContract, { directory: dataFolder(talkers.anna.env).sockets });
    marks = new ReadMarks(messenger);
    bob = String((await talkers.bob.ask('whoami'))[0]?.['id']);
  });
  afterAll(async () => {
    await marks.stop();
    messenger.close();
    await talkers.part();
  });

  /** Sends so many to anna. @returns their ids */
  const fromBob = async (count: number) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++)
      ids.push(String((await talkers.bob.ask('send', 'anna', `text ${n}`, '--wait', 'delivered'))[0]?.['id']));
    return ids;
  };
  const unread = async () => /Unread: (\d+) from bob/.exec((await talkers.anna.command(['--plain'], '')).stdout)?.[1];

  it('is told as it is read, the newest of it at the latest on the way out', async () => {
    const ids = await fromBob(4);
    expect(await unread()).toBe('4');
    marks.readUpTo(bob, ids[0] ?? '');
    await marks.flush();
    // So soon after the first that it waits.
    marks.readUpTo(bob, ids[2] ?? '');
    await marks.stop();
    expect(await unread()).toBe('1');
  });

  it('is told when the messenger is back', async () => {
    const [id = ''] = await fromBob(1);
    await talkers.anna.stop(['messenger']);
    marks.readUpTo(bob, id);
    await marks.flush();
    await talkers.anna.start(['messenger']);
    expect(await unread()).toBe('2');
    await marks.flush();
    expect(await unread()).toBeUndefined();
  });

  it('of somebody unknown holds up nobody else', async () => {
    const [id = ''] = await fromBob(1);
    marks.readUpTo(NOBODY, id);
    marks.readUpTo(bob, id);
    await marks.flush();
    expect(await unread()).toBeUndefined();
  });
});

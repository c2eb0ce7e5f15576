import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { discoveryContract } from '@earshot/protocol/ipc';
import { ServedRoster } from '../test/child.js';
import { INSTANCE, RawService, standsAt, type RawRequest } from '../test/raw-service.js';
import { Follower, Roster, rosterEvent, temporaryDirectory } from '../test/roster.js';
import { until } from '../test/until.js';
import { subscribe } from './index.js';

jest.setTimeout(60_000);

let directory: string;
const opened: { close(): void }[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  for (const open of opened.splice(0)) open.close();
  rmSync(directory, { recursive: true });
});

async function serve(): Promise<Roster> {
  const roster = new Roster(directory);
  await roster.service.start();
  opened.push({ close: () => void roster.service.stop() });
  return roster;
}

async function follow(): Promise<Follower> {
  const follower = new Follower(directory);
  opened.push({
    close: () => {
      follower.close();
    },
  });
  await follower.ready;
  return follower;
}

async function served(): Promise<ServedRoster> {
  const child = await ServedRoster.start(directory);
  opened.push({ close: () => void child.kill() });
  return child;
}

async function expectSame(follower: Follower, state: () => readonly string[]): Promise<void> {
  await until('the follower has the state of the service', () => follower.state.join() === state().join());
  expect(follower.state).toEqual(state());
}

describe('a subscriber', () => {
  it('gets the state first and every event in order afterwards', async () => {
    const roster = await serve();
    roster.set('early');
    const follower = await follow();
    expect(follower.log).toEqual(['reset', 'early', 'up']);
    const keys = Array.from({ length: 2_000 }, (_, n) => `key ${n}`);
    for (const key of keys) roster.set(key);
    roster.remove('early');
    await until('the last event is there', () => follower.log.at(-1) === 'early');
    expect(follower.log.slice(3)).toEqual([...keys, 'early']);
    expect(follower.state).toEqual(roster.state);
  });

  it('that comes late or comes again has what one has that was always there', async () => {
    const roster = await serve();
    const always = await follow();
    for (let n = 0; n < 300; n += 1) {
      if (n % 3 === 0) roster.remove(`key ${n % 50}`);
      else roster.set(`key ${n % 50}`, `status ${n}`);
      // Comes at any moment of it, and leaves again.
      if (n % 30 === 0) (await follow()).close();
      if (n % 10 === 0) await delay(1);
    }
    const late = await follow();
    expect(late.state).toEqual(roster.state);
    await expectSame(always, () => roster.state);
  });

  it('gets a state of many pages while it changes', async () => {
    const roster = await serve();
    for (let n = 0; n < 4_000; n += 1) roster.set(`key ${n}`, 'x'.repeat(200));
    const changing = setInterval(() => {
      for (let n = 0; n < 20; n += 1) {
        roster.remove(`key ${Math.floor(Math.random() * 4_000)}`);
        roster.set(`key ${Math.floor(Math.random() * 5_000)}`, `changed ${n}`);
      }
    }, 1);
    const followers = await Promise.all([follow(), follow(), follow()]);
    clearInterval(changing);
    for (const follower of followers) await expectSame(follower, () => roster.state);
    expect(roster.state.length).toBeGreaterThan(3_000);
  });

  it('is told that the service is down, and when it has the state of the next one', async () => {
    const follower = await follow();
    expect(follower.log).toEqual(['down']);
    const roster = new Roster(directory);
    roster.set('before the start');
    await roster.service.start();
    await until('it is up', () => follower.log.includes('up'));
    expect(follower.log).toEqual(['down', 'reset', 'before the start', 'up']);

    await roster.service.stop();
    await until('it is down', () => follower.log.at(-1) === 'down');
    expect(follower.state).toEqual(roster.state);
    roster.remove('before the start');
    roster.set('while stopped');
    await roster.service.start();
    await until('it is up again', () => follower.log.at(-1) === 'up');
    expect(follower.log.slice(4)).toEqual(['down', 'reset', 'while stopped', 'up']);
    roster.set('afterwards');
    await expectSame(follower, () => roster.state);
    await roster.service.stop();
  });

  it('says nothing twice while the service stays away, and nothing at all once closed', async () => {
    const follower = await follow();
    await delay(2_500);
    expect(follower.log).toEqual(['down']);
    follower.close();
    const roster = await serve();
    roster.set('too late');
    await delay(300);
    expect(follower.log).toEqual(['down']);
  });

  it('stops in the middle of a snapshot when it is closed there', async () => {
    const roster = await serve();
    for (const key of ['one', 'two', 'three']) roster.set(key);
    const applied: string[] = [];
    const subscription = subscribe(discoveryContract, {
      directory,
      onReset: () => applied.push('reset'),
      onEvent: ({ key }) => {
        applied.push(key);
        subscription.close();
      },
      onUp: () => applied.push('up'),
    });
    await subscription.ready;
    await delay(50);
    expect(applied).toEqual(['reset', 'one']);
  });
});

describe('a subscriber and a service in another process', () => {
  it('have the same state after kill -9 and a restart with nothing left', async () => {
    const first = await served();
    await first.tell(['lost with it', '']);
    const follower = await follow();
    expect(follower.log).toEqual(['reset', 'lost with it', 'up']);
    await first.kill();
    await until('it is down', () => follower.log.at(-1) === 'down');
    const second = await served();
    const state = await second.tell(['new', 'status']);
    await expectSame(follower, () => state);
    await until('it is up', () => follower.log.includes('up', 4));
    expect(follower.log.slice(0, 5)).toEqual(['reset', 'lost with it', 'up', 'down', 'reset']);
    const without = await second.tell(['new']);
    await expectSame(follower, () => without);
    await second.kill();
  });

  it('have the same state after a burst of which most was dropped, and nothing after it', async () => {
    const service = await served();
    const follower = await follow();
    const told = service.tell(50_000);
    // Reads nothing for a while: both queues run over, and the end of the burst is lost with the rest.
    const end = performance.now() + 1_500;
    while (performance.now() < end);
    const state = await told;
    await expectSame(follower, () => state);
    expect(follower.log.filter((entry) => entry === 'reset').length).toBeGreaterThan(1);
    await service.kill();
  });

  it('find together again after the service stood still', async () => {
    const service = await served();
    const follower = await follow();
    service.pause();
    await until('it counts as down', () => follower.log.at(-1) === 'down');
    const told = service.tell(['key', 'after the standstill']);
    service.resume();
    const state = await told;
    await expectSame(follower, () => state);
    await until('it is up', () => follower.log.at(-1) === 'up');
    expect(follower.log.filter((entry) => entry === 'up' || entry === 'down')).toEqual(['up', 'down', 'up']);
    await service.kill();
  });
});

describe('a subscriber and a service that misbehaves', () => {
  const reply = ({ id }: RawRequest, result: unknown) => JSON.stringify({ id, ok: true, result });
  const event = (sequence: number, key: string) =>
    JSON.stringify({ instance: INSTANCE, sequence, event: { event: 'roster.removed', key } });

  function raw(answer: ConstructorParameters<typeof RawService>[2]): RawService {
    const service = new RawService(directory, 'discovery', answer);
    opened.push({
      close: () => {
        service.close();
      },
    });
    return service;
  }

  it('holds the events that come during a snapshot and applies those that are not in it', async () => {
    let release: (snapshot: string) => void = () => undefined;
    let asked: RawRequest | undefined;
    const service = raw((request) => {
      if (request.method !== 'snapshot') return standsAt(4)(request);
      asked = request;
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    const ready = follow();
    await until('it asks', () => asked !== undefined);
    for (const sequence of [5, 6, 7]) await service.publish(event(sequence, `event ${sequence}`));
    await delay(50);
    const items = [rosterEvent('from the snapshot')];
    release(reply(asked as RawRequest, { instance: INSTANCE, sequence: 6, items, next: null }));
    const follower = await ready;
    await until('the held one is applied', () => follower.log.includes('event 7'));
    expect(follower.log).toEqual(['reset', 'from the snapshot', 'event 7', 'up']);
  });

  it('finds a loss that no later event shows', async () => {
    let sequence = 4;
    raw((request) => standsAt(sequence)(request));
    const follower = await follow();
    expect(follower.log).toEqual(['reset', 'up']);
    sequence = 5;
    await until('it fetched another snapshot', () => follower.log.filter((entry) => entry === 'reset').length === 2);
    expect(follower.log).toEqual(['reset', 'up', 'reset']);
  });

  it('begins again when the snapshot is forgotten half way, without calling it down', async () => {
    let snapshots = 0;
    raw((request) => {
      const { method, params } = request;
      if (method !== 'snapshot') return standsAt(0)(request);
      if ((params as { cursor?: string }).cursor !== undefined) {
        return JSON.stringify({ id: request.id, ok: false, error: { code: 'bad-request', detail: 'cursor' } });
      }
      snapshots += 1;
      return reply(request, {
        instance: INSTANCE,
        sequence: 0,
        items: [rosterEvent(`snapshot ${snapshots}`)],
        next: snapshots === 1 ? 'x' : null,
      });
    });
    const follower = await follow();
    expect(follower.log).toEqual(['reset', 'snapshot 2', 'up']);
  });

  it('leaves out what it does not understand of a snapshot', async () => {
    const items = [{ event: 'roster.renamed', key: 'x' }, rosterEvent('known'), null, 7];
    raw((request) => reply(request, { instance: INSTANCE, sequence: 0, items, next: null }));
    const follower = await follow();
    expect(follower.log).toEqual(['reset', 'known', 'up']);
  });

  it('counts one without the standard methods as down', async () => {
    raw(({ id }) => JSON.stringify({ id, ok: false, error: { code: 'unknown-method', detail: '' } }));
    const follower = await follow();
    expect(follower.log).toEqual(['down']);
  });
});

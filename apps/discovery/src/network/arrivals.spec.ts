import type { RemoteInfo } from 'node:dgram';
import { until } from '@earshot/testkit';
import { Arrivals } from './arrivals.js';

const from = (address: string): RemoteInfo => ({ address, family: 'IPv4', port: 40_000, size: 1 });
const here = from('10.0.0.1');
const link = from('fe80::1%eth0');

/** What the sockets brought, in this order, and by which ways that came. */
async function ways(...brought: ('shared' | 'group' | 'group6')[]): Promise<string[]> {
  const heard: string[] = [];
  const arrivals = new Arrivals((_, __, by) => heard.push(by));
  const last = new Arrivals((_, { address }) => heard.push(address));
  for (const socket of brought) {
    if (socket === 'shared') arrivals.onShared(Buffer.from('hello'), here);
    else if (socket === 'group') arrivals.onGroup(Buffer.from('hello'), here);
    else arrivals.onGroup6(Buffer.from('hello'), link);
  }
  // Begun later and held as long.
  last.onShared(Buffer.from('end'), from('10.0.0.9'));
  await until('what was held is through', () => heard.at(-1) === '10.0.0.9');
  return heard.slice(0, -1);
}

describe('Arrivals', () => {
  it.each([
    ['one copy for all', ['shared'], ['broadcast']],
    ['directed and limited broadcast, once', ['shared', 'shared'], ['broadcast']],
    ['one copy for the group', ['shared', 'group'], ['multicast']],
    ['the group’s copy read first', ['group', 'shared'], ['multicast']],
    ['the same by both ways', ['shared', 'shared', 'group'], ['broadcast', 'multicast']],
    ['IPv6, after what IPv4 brought', ['group6', 'shared', 'group'], ['multicast', 'multicast6']],
  ] as const)('tells the way of %s', async (_, brought, expected) => {
    expect(await ways(...brought)).toEqual(expected);
  });

  it('does not take the same bytes of another sender for a copy', async () => {
    const heard: string[] = [];
    const arrivals = new Arrivals((_, { address }, by) => heard.push(`${address} ${by}`));
    arrivals.onShared(Buffer.from('hello'), here);
    arrivals.onGroup(Buffer.from('hello'), from('10.0.0.2'));
    await until('both are through', () => heard.length === 2);
    expect(heard).toEqual(['10.0.0.1 broadcast', '10.0.0.2 multicast']);
  });

  it('holds a bounded number, and nothing that is too large', () => {
    const heard: number[] = [];
    const arrivals = new Arrivals(({ length }) => heard.push(length));
    arrivals.onShared(Buffer.alloc(1_025), here);
    arrivals.onGroup(Buffer.alloc(1_025), here);
    expect(heard).toEqual([1_025]);
    for (let n = 0; n < 600; n++) arrivals.onShared(Buffer.from(String(n)), here);
    expect(heard).toHaveLength(1 + 2 * 256);
    arrivals.stop();
  });
});

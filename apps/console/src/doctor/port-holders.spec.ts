import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { freeUdpPort } from '@earshot/testkit';
import { lookAtPort } from './port-holders.js';

it('knows who has a TCP port, and when nobody has it any more', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  const taken = await lookAtPort('tcp', port, false);
  // Only Linux tells.
  const holder = process.platform === 'linux' ? process.pid : undefined;
  expect([taken.state, taken.by?.pid]).toEqual(['taken', holder]);
  expect(await lookAtPort('tcp', port, true)).toEqual({ port, state: 'ours', by: null });
  await new Promise((resolve) => server.close(resolve));
  expect(await lookAtPort('tcp', port, false)).toEqual({ port, state: 'free', by: null });
});

it('counts a UDP port as taken where it is not shared', async () => {
  const port = await freeUdpPort();
  const states: string[] = [];
  for (const reuseAddr of [true, false]) {
    const socket = createSocket({ type: 'udp4', reuseAddr });
    await new Promise<void>((resolve) => socket.bind(port, '0.0.0.0', resolve));
    states.push((await lookAtPort('udp', port, false)).state);
    await new Promise<void>((resolve) => socket.close(resolve));
  }
  expect(states).toEqual(['free', 'taken']);
});

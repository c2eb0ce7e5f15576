import { until } from '@earshot/testkit';
import { StaticPeers } from './static-peers.js';

describe('StaticPeers', () => {
  it('knows addresses at once, and each only once', () => {
    expect(new StaticPeers(['192.0.2.1', '192.0.2.1', '192.0.2.2']).addresses).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('looks names up, for IPv4', async () => {
    const peers = new StaticPeers(['localhost']);
    expect(peers.addresses).toEqual([]);
    peers.refresh();
    peers.refresh();
    await until('localhost is found', () => peers.addresses.length > 0);
    expect(peers.addresses).toEqual(['127.0.0.1']);
  });
});

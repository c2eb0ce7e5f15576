import type { NetworkInterfaceInfo } from 'node:os';
import { isForbiddenTarget, parseAddress } from './dial-rules.js';

const eth0 = { address: '10.1.2.3', netmask: '255.255.255.0', family: 'IPv4' } as NetworkInterfaceInfo;

describe('where a dial may go', () => {
  it.each([
    ['a multicast address', '239.255.60.4', 7001],
    ['the limited broadcast', '255.255.255.255', 7001],
    ["our network's broadcast", '10.1.2.255', 7001],
    ['a reserved address', '240.0.0.1', 7001],
    ['"this host"', '0.0.0.0', 7001],
    ["the cloud's metadata service", '169.254.169.254', 7001],
    ['a port of the system', '10.1.2.4', 443],
  ])('refuses %s', (_what, ip, port) => {
    expect(isForbiddenTarget({ ip, port }, [eth0])).toBe(true);
  });

  it.each([
    ['a neighbour', '10.1.2.4'],
    ["another network's .255", '10.9.9.255'],
    ['loopback', '127.0.0.1'],
  ])('allows %s', (_what, ip) => {
    expect(isForbiddenTarget({ ip, port: 7001 }, [eth0])).toBe(false);
  });

  it('reads an address, and nothing that only looks like one', () => {
    expect(parseAddress('10.1.2.3:7001')).toEqual({ ip: '10.1.2.3', port: 7001 });
    for (const text of [
      '',
      '10.1.2.3',
      '10.1.2.3:',
      '10.1.2.3:0',
      '10.1.2.3:65536',
      'host:7001',
      '[::1]:7001',
      '10.1.2.3:70x1',
    ]) {
      expect(parseAddress(text)).toBeUndefined();
    }
  });
});

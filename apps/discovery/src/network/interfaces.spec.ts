import type { NetworkInterfaceInfo } from 'node:os';
import { interfaceFor, skippedInterfaces, usableInterfaces } from './interfaces.js';

function v4(address: string, netmask = '255.255.255.0'): NetworkInterfaceInfo {
  return {
    address,
    netmask,
    family: 'IPv4',
    mac: '02:00:00:00:00:01',
    internal: address.startsWith('127.'),
    cidr: null,
  };
}

const v6: NetworkInterfaceInfo = {
  address: 'fe80::1',
  netmask: 'ffff:ffff:ffff:ffff::',
  family: 'IPv6',
  mac: '02:00:00:00:00:01',
  internal: false,
  cidr: null,
  scopeid: 1,
};

const lo = [v4('127.0.0.1', '255.0.0.0')];
const names = (found: Record<string, NetworkInterfaceInfo[]>, selection: string[] = []) =>
  usableInterfaces(found, selection).map(({ name }) => name);

describe('usableInterfaces', () => {
  it('describes each IPv4 address, loopback last, IPv6 not at all', () => {
    expect(usableInterfaces({ lo, eth0: [v6, v4('10.77.0.1'), v4('10.78.3.9', '255.255.252.0')] }, [])).toEqual([
      { name: 'eth0', ip: '10.77.0.1', netmask: '255.255.255.0', broadcast: '10.77.0.255', loopback: false },
      { name: 'eth0', ip: '10.78.3.9', netmask: '255.255.252.0', broadcast: '10.78.3.255', loopback: false },
      { name: 'lo', ip: '127.0.0.1', netmask: '255.0.0.0', broadcast: '127.255.255.255', loopback: true },
    ]);
  });

  it.each([
    ['255.255.255.254', ''],
    ['255.255.255.255', ''],
    ['255.255.255.252', '192.168.9.7'],
    ['0.0.0.0', '255.255.255.255'],
  ])('knows the broadcast address of the netmask %s', (netmask, broadcast) => {
    expect(usableInterfaces({ tun0: [v4('192.168.9.6', netmask)] }, [])[0]?.broadcast).toBe(broadcast);
  });

  it('works with loopback only', () => {
    expect(names({ lo })).toEqual(['lo']);
  });

  it.each([
    'docker0',
    'br-0a1b2c3d4e5f',
    'veth12ab',
    'virbr0',
    'vboxnet0',
    'vmnet8',
    'cni0',
    'podman0',
    'vEthernet (WSL)',
  ])('leaves out %s beside a real interface', (bridge) => {
    expect(names({ lo, [bridge]: [v4('172.17.0.1')], wlan0: [v4('192.168.1.5')] })).toEqual(['wlan0', 'lo']);
  });

  it.each(['eth0', 'wlp3s0', 'en0', 'br0', 'bond0', 'tailscale0', 'wg0', 'Ethernet 2', 'WLAN'])('uses %s', (name) => {
    expect(names({ lo, [name]: [v4('192.168.1.5')] })).toEqual([name, 'lo']);
  });

  it('uses a virtual bridge where there is nothing else', () => {
    expect(names({ lo, veth0: [v4('10.0.0.2')] })).toEqual(['veth0', 'lo']);
  });

  it('leaves out link-local addresses', () => {
    expect(names({ lo, eth0: [v4('169.254.7.7', '255.255.0.0')] })).toEqual(['lo']);
  });

  it('uses exactly what is named, whatever it is, and loopback', () => {
    const found = { lo, docker0: [v4('172.17.0.1')], eth0: [v4('10.0.0.1')], usb0: [v4('169.254.7.7', '255.255.0.0')] };
    expect(names(found, ['docker0', 'usb0'])).toEqual(['docker0', 'usb0', 'lo']);
    expect(names(found, ['lo'])).toEqual(['lo']);
  });

  it('skips what is named with an exclamation mark, loopback too', () => {
    const found = { lo, eth0: [v4('10.0.0.1')], eth1: [v4('10.0.1.1')] };
    expect(names(found, ['!eth0'])).toEqual(['eth1', 'lo']);
    expect(names(found, ['!eth0', '!lo'])).toEqual(['eth1']);
  });
});

it('says of each address that is left out why', () => {
  const found = { lo, docker0: [v4('172.17.0.1')], eth0: [v4('10.0.0.1')], usb0: [v4('169.254.7.7', '255.255.0.0')] };
  const skipped = (selection: string[]) =>
    skippedInterfaces(found, selection).map(({ name, reason }) => `${name} ${reason}`);
  expect(skipped([])).toEqual(['docker0 virtual', 'usb0 link-local']);
  expect(skipped(['!eth0'])).toEqual(['eth0 setting', 'usb0 link-local']);
  expect(skipped(['docker0'])).toEqual(['eth0 setting', 'usb0 setting']);
});

describe('interfaceFor', () => {
  const interfaces = usableInterfaces({ lo, eth0: [v4('10.0.0.1')], eth1: [v4('10.0.0.9')] }, []);

  it.each([
    ['10.0.0.77', 'eth0'],
    ['10.0.0.9', 'eth1'],
    ['127.0.0.5', 'lo'],
    ['10.0.1.1', undefined],
  ])('finds the interface for %s', (ip, name) => {
    expect(interfaceFor(ip, interfaces)?.name).toBe(name);
  });
});

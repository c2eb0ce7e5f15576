import type { Interface } from './interfaces.js';
import { originOf } from './origin.js';

const eth0: Interface = {
  name: 'eth0',
  ip: '10.77.0.1',
  netmask: '255.255.255.0',
  broadcast: '10.77.0.255',
  loopback: false,
};
const lo: Interface = {
  name: 'lo',
  ip: '127.0.0.1',
  netmask: '255.0.0.0',
  broadcast: '127.255.255.255',
  loopback: true,
};

describe('originOf', () => {
  it.each([
    ['a neighbour', '10.77.0.2', '10.77.0.2', 7001, { interface: 'eth0', dialable: true, passedOn: false }],
    ['another profile here', '10.77.0.1', '10.77.0.1', 7001, { interface: 'lo', dialable: true, passedOn: false }],
    [
      'another profile over loopback',
      '127.0.0.1',
      '127.0.0.1',
      7001,
      { interface: 'lo', dialable: true, passedOn: false },
    ],
    [
      'a neighbour who names another',
      '10.77.0.2',
      '10.77.0.3',
      7001,
      { interface: 'eth0', dialable: false, passedOn: false },
    ],
    [
      'a neighbour who names us',
      '10.77.0.2',
      '127.0.0.1',
      7001,
      { interface: 'eth0', dialable: false, passedOn: false },
    ],
    [
      'somebody beyond',
      '192.0.2.9',
      '192.0.2.9',
      7001,
      { interface: 'tun0', dialable: false, beyond: true, passedOn: false },
    ],
    [
      'somebody beyond who names another',
      '192.0.2.9',
      '198.51.100.7',
      7001,
      { interface: 'tun0', dialable: false, passedOn: false },
    ],
    [
      'a privileged port beyond',
      '198.51.100.7',
      '198.51.100.7',
      1023,
      { interface: 'tun0', dialable: false, passedOn: false },
    ],
    [
      'the service of a cloud',
      '169.254.169.254',
      '169.254.169.254',
      7001,
      { interface: 'tun0', dialable: false, passedOn: false },
    ],
    ['a group', '239.1.2.3', '239.1.2.3', 7001, { interface: 'tun0', dialable: false, passedOn: false }],
    [
      'somebody whom a local profile heard',
      '127.0.0.1',
      '10.77.0.2',
      7001,
      { interface: 'lo', dialable: false, passedOn: true },
    ],
    ['a privileged port', '10.77.0.2', '10.77.0.2', 1023, { interface: 'eth0', dialable: false, passedOn: false }],
    ['the first other port', '10.77.0.2', '10.77.0.2', 1024, { interface: 'eth0', dialable: true, passedOn: false }],
    [
      'the broadcast address',
      '10.77.0.255',
      '10.77.0.255',
      7001,
      { interface: 'eth0', dialable: false, passedOn: false },
    ],
  ])('judges %s', (_, source, ip, port, expected) => {
    expect(originOf({ source, via: 'tun0' }, { ip, port }, [eth0, lo])).toEqual({ beyond: false, ...expected });
  });
});

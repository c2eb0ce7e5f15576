import { isHostAddress, normaliseAddress } from './ipv4.js';

describe('normaliseAddress', () => {
  it.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.1'],
    ['fe80::1', 'fe80::1'],
  ])('takes %s for %s', (address, plain) => {
    expect(normaliseAddress(address)).toBe(plain);
  });
});

describe('isHostAddress', () => {
  it.each(['10.0.0.1', '192.168.1.255', '223.255.255.1'])('accepts %s', (ip) => {
    expect(isHostAddress(ip)).toBe(true);
  });

  it.each(['0.0.0.0', '127.0.0.1', '224.0.0.1', '239.255.60.4', '240.0.0.1', '255.255.255.255'])('refuses %s', (ip) => {
    expect(isHostAddress(ip)).toBe(false);
  });
});

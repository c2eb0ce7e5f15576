import { format, inspect } from 'node:util';
import { Secret } from './secret.js';

describe('Secret', () => {
  const secret = new Secret('canary');

  it.each<[string, string]>([
    ['String', String(secret)],
    ['a template', `a ${secret as unknown as string}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ secret }, { depth: 5, showHidden: true })],
    ['format', format('%s %o %j', secret, secret, secret)],
    ['its keys', JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
  ])('does not print through %s', (_, text) => {
    expect(text).not.toContain('canary');
  });

  it('gives its value when asked by name', () => {
    expect(secret.expose()).toBe('canary');
  });
});

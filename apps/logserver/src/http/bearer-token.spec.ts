import { Secret } from '@earshot/runtime';
import { BearerToken } from './bearer-token.js';
import { HttpError } from './errors.js';

const TOKEN = 'abcDEF-_0123456789abcDEF-_0123456789abcDEF-';
const bearer = new BearerToken(new Secret(TOKEN));

describe('the token of a request', () => {
  it.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER  ${TOKEN}`])('is taken: %#', (header) => {
    expect(() => {
      bearer.check(header);
    }).not.toThrow();
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN} `,
    `Bearer ${TOKEN},`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN}A`,
    `Bearer ${TOKEN.toLowerCase()}`,
    `Bearer x, Bearer ${TOKEN}`,
  ])('is refused: %#', (header) => {
    expect(() => {
      bearer.check(header);
    }).toThrow(HttpError);
  });
});

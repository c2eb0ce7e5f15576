import { jest } from '@jest/globals';
import { loadVectors, session } from '../../test/vectors.js';
import { checkUsername } from './username.js';

const vectors = loadVectors<{ username: string; problem?: string }>('usernames');

describe('checkUsername', () => {
  it.each(vectors)('$name is $expect', ({ username, problem }) => {
    expect(checkUsername(username)).toBe(problem ?? 'ok');
  });

  it.each(session.names_accepted)('accepts %j of session.json', (name) => {
    expect(checkUsername(name)).toBe('ok');
  });

  it.each(session.names_refused)('refuses %j of session.json', (name) => {
    expect(checkUsername(name)).not.toBe('ok');
  });

  it('does not spend work on a name of a megabyte', () => {
    const normalize = jest.spyOn(String.prototype, 'normalize');
    expect(checkUsername('é'.repeat(1_000_000))).toBe('too-long');
    expect(normalize).not.toHaveBeenCalled();
    normalize.mockRestore();
  });
});

import { type KnownAddress, withAddress } from './addresses.js';

function at(address: string, round: string, dialable = true): KnownAddress {
  return { address, interface: 'eth0', lastHeard: '2030-01-01T00:00:00.000Z', dialable, round };
}

describe('withAddress', () => {
  it('keeps three, newest first', () => {
    const rounds = ['a:1', 'b:2', 'c:3', 'd:4'];
    const known = rounds.reduce<readonly KnownAddress[]>((list, text) => {
      const [address = '', round = ''] = text.split(':');
      return withAddress(list, at(address, round));
    }, []);
    expect(known.map(({ address }) => address)).toEqual(['d', 'c', 'b']);
  });

  it('moves an address heard again to the front', () => {
    const known = [at('a', '2'), at('b', '1')];
    expect(withAddress(known, at('b', '3'))).toEqual([at('b', '3'), at('a', '2')]);
  });

  it('keeps the order of arrival within a round, so that several interfaces do not take turns', () => {
    let known: readonly KnownAddress[] = [];
    for (const round of ['1', '2', '3']) {
      known = withAddress(known, at('a', round));
      known = withAddress(known, at('b', round));
      expect(known.map(({ address }) => address)).toEqual(['a', 'b']);
    }
  });

  it('does not let a copy take away that an address is dialable, but lets it add that', () => {
    expect(withAddress([at('a', '1', true)], at('a', '1', false))).toEqual([at('a', '1', true)]);
    expect(withAddress([at('a', '1', false)], at('a', '1', true))).toEqual([at('a', '1', true)]);
  });

  it('tells what the announcer itself sent from beyond from a copy that somebody else did', () => {
    const copy = at('a', '1', false);
    const itself: KnownAddress = { ...copy, beyond: true };
    expect(withAddress([copy], itself)).toEqual([itself]);
    expect(withAddress([itself], copy)).toEqual([itself]);
  });

  it('believes a newer announcement that an address is not dialable', () => {
    expect(withAddress([at('a', '1', true)], at('a', '2', false))).toEqual([at('a', '2', false)]);
  });
});

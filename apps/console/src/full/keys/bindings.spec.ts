import { ACTIONS } from './actions.js';
import { bindingsFrom, keyInWords } from './bindings.js';

describe('the keys', () => {
  it('are each bound to one action', () => {
    const all = ACTIONS.flatMap(({ keys }) => keys as readonly string[]);
    expect(new Set(all).size).toBe(all.length);
  });

  it('do what the user has chosen, and otherwise what is usual', () => {
    const { bindings, problems } = bindingsFrom('jump=ctrl+g,f2 activity=');
    expect(problems).toEqual([]);
    expect([bindings.actionOf('ctrl+g'), bindings.actionOf('f2'), bindings.actionOf('ctrl+k')]).toEqual([
      'jump',
      'jump',
      undefined,
    ]);
    expect(bindings.actionOf('alt+a')).toBeUndefined();
    expect(bindings.actionOf('pageup')).toBe('page-up');
    expect(bindings.keysOf('jump')).toEqual(['ctrl+g', 'f2']);
  });

  it('are taken from the action that had them by the one that is given them', () => {
    const { bindings } = bindingsFrom('help=ctrl+k');
    expect(bindings.actionOf('ctrl+k')).toBe('help');
    expect(bindings.keysOf('jump')).toEqual([]);
  });

  it('are refused with what is wrong and what was meant', () => {
    expect(bindingsFrom('jmp=ctrl+g jump=strg+g').problems).toEqual([
      'keys: there is no action jmp: did you mean jump?',
      'keys: strg+g is no key; they are written like ctrl+k, alt+enter, f2',
    ]);
  });

  it('are named as keyboards name them', () => {
    expect(['ctrl+k', 'alt+shift+u', 'pageup', 'f5', 'alt+enter'].map(keyInWords)).toEqual([
      'Ctrl+K',
      'Alt+Shift+U',
      'PgUp',
      'F5',
      'Alt+Enter',
    ]);
  });
});

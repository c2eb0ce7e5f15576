/** Which key does what: the defaults, and what the user's settings change. */
import { nearestName } from '@earshot/runtime';
import { ACTIONS, type ActionName } from './actions.js';

export interface Bindings {
  readonly actionOf: (key: string) => ActionName | undefined;
  readonly keysOf: (action: ActionName) => readonly string[];
}

export interface BindingsOutcome {
  readonly bindings: Bindings;
  /** What in the setting says nothing, a sentence each. */
  readonly problems: readonly string[];
}

const KEY = /^(?:ctrl\+)?(?:alt\+)?(?:shift\+)?(?:[^\s+]|[a-z]+\d*)$/;

/**
 * @param setting of `keys`: `jump=ctrl+g close=escape,f12`, in place of the defaults of those actions. A key that two actions want is
 * the later one's.
 */
export function bindingsFrom(setting: string): BindingsOutcome {
  const problems: string[] = [];
  const chosen = new Map<ActionName, readonly string[]>();
  for (const word of setting.split(/\s+/).filter((one) => one !== '')) {
    const [name = '', list = ''] = word.split(/=(.*)/s);
    const action = ACTIONS.find((one) => one.name === name)?.name;
    const keys = list
      .toLowerCase()
      .split(',')
      .filter((key) => key !== '');
    const strange = keys.find((key) => !KEY.test(key));
    if (action === undefined) problems.push(`keys: there is no action ${name}${hint(name)}`);
    else if (strange !== undefined)
      problems.push(`keys: ${strange} is no key; they are written like ctrl+k, alt+enter, f2`);
    else chosen.set(action, keys);
  }
  const keysOf = new Map<ActionName, readonly string[]>();
  const actionOf = new Map<string, ActionName>();
  // What the user chose is put last, and so wins.
  const order = [...ACTIONS].sort((a, b) => Number(chosen.has(a.name)) - Number(chosen.has(b.name)));
  for (const { name, keys } of order) for (const key of chosen.get(name) ?? keys) actionOf.set(key, name);
  for (const { name, keys } of ACTIONS)
    keysOf.set(
      name,
      (chosen.get(name) ?? keys).filter((key) => actionOf.get(key) === name),
    );
  return {
    bindings: { actionOf: (key) => actionOf.get(key), keysOf: (action) => keysOf.get(action) ?? [] },
    problems,
  };
}

function hint(name: string): string {
  const nearest = nearestName(
    name,
    ACTIONS.map((action) => action.name),
  );
  return nearest === undefined ? '' : `: did you mean ${nearest}?`;
}

/** As people write it: `Ctrl+K`, `Alt+Enter`, `PgUp`. */
export function keyInWords(key: string): string {
  return key
    .split('+')
    .map(
      (part) => WORDS[part] ?? (part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1)),
    )
    .join('+');
}

const WORDS: Readonly<Record<string, string>> = {
  pageup: 'PgUp',
  pagedown: 'PgDn',
  escape: 'Esc',
  backspace: 'Backspace',
};

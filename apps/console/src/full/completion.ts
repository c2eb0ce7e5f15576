/** Tab: names of people and of commands, one candidate after the other. Pure. */
import { commandsOf } from '../slash/commands.js';
import { withText } from './editor/editor.js';
import { step, type Model, type Step } from './model.js';
import { matching, nameOf } from './people.js';
import { editorOf, withEditor } from './active-editor.js';

export function completed(model: Model, by: 1 | -1): Step {
  const { completion } = model;
  const next =
    completion === null
      ? begin(model)
      : { ...completion, index: (completion.index + by + completion.candidates.length) % completion.candidates.length };
  if (next === undefined) return step(model);
  const word = next.candidates[next.index] ?? '';
  const editor = withText(editorOf(model), next.before + word + next.after, next.before.length + word.length);
  return step({ ...withEditor(model, editor), completion: next.candidates.length > 1 ? next : null });
}

function begin(model: Model) {
  const { text, cursor } = editorOf(model);
  const [word = ''] = /\S*$/.exec(text.slice(0, cursor)) ?? [];
  const before = text.slice(0, cursor - word.length);
  const candidates = word === '' && before.trim() === '' ? [] : candidatesFor(model, word, before);
  return candidates.length === 0 ? undefined : { candidates, index: 0, before, after: text.slice(cursor) };
}

function candidatesFor(model: Model, word: string, before: string): string[] {
  const commands = commandsOf('full');
  const names = (prefix: string) => commands.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name);
  if (before === '' && word.startsWith('/') && !word.startsWith('//'))
    return names(word.slice(1)).map((name) => `/${name} `);
  const [, command] = /^\/(\S+)\s+$/.exec(before) ?? [];
  const known = commands.find(({ name }) => name === command);
  if (known?.completes === 'command') return names(word);
  const words = (known?.words ?? []).filter((one) => one.startsWith(word));
  if (known !== undefined && known.completes !== 'peer') return words;
  const at = word.startsWith('@') ? '@' : '';
  const wanted = word.slice(at.length).toLowerCase();
  const people = matching(model, wanted)
    .map((id) => nameOf(model, id))
    .filter((name) => name.toLowerCase().startsWith(wanted));
  return [...people.map((name) => `${at}${name}${known === undefined && before === '' ? ': ' : ' '}`), ...words];
}

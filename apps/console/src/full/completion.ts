/** Tab: one candidate after the other. Pure. */
import { candidatesFor, isPath, wordAt, type Word } from '../slash/completion.js';
import { editorOf, withEditor } from './active-editor.js';
import { withText } from './editor/editor.js';
import { step, type Completion, type Model, type Step } from './model.js';
import { matching, nameOf } from './people.js';

export function completed(model: Model, by: 1 | -1): Step {
  const { completion } = model;
  if (completion !== null) {
    const { candidates, index } = completion;
    return step(take(model, { ...completion, index: (index + by + candidates.length) % candidates.length }));
  }
  const { text, cursor } = editorOf(model);
  const word = wordAt(text, cursor);
  // They are not known here: they come as an event.
  if (isPath(word)) return step(model, { do: 'paths', beginning: word.word });
  return step(
    begin(
      model,
      word,
      candidatesFor('full', word, (beginning) => peopleFrom(model, beginning)),
    ),
  );
}

/** Paths that were asked for, where that word still stands before the cursor. */
export function pathsCame(model: Model, beginning: string, paths: readonly string[]): Model {
  const { text, cursor } = editorOf(model);
  const word = wordAt(text, cursor);
  return model.completion === null && isPath(word) && word.word === beginning ? begin(model, word, paths) : model;
}

function begin(model: Model, { before, after }: Word, candidates: readonly string[]): Model {
  return candidates.length === 0 ? model : take(model, { candidates, index: 0, before, after });
}

function take(model: Model, completion: Completion): Model {
  const { candidates, index, before, after } = completion;
  const word = candidates[index] ?? '';
  const editor = withText(editorOf(model), before + word + after, before.length + word.length);
  return { ...withEditor(model, editor), completion: candidates.length > 1 ? completion : null };
}

function peopleFrom(model: Model, beginning: string): string[] {
  const wanted = beginning.toLowerCase();
  return matching(model, wanted)
    .map((id) => nameOf(model, id))
    .filter((name) => name.toLowerCase().startsWith(wanted));
}

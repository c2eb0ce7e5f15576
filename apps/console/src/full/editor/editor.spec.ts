import fc from 'fast-check';
import { graphemes } from '../text/width.js';
import { edit, EMPTY, insert, LINE_EDITS, withText, type EditAction, type Editor } from './editor.js';

/** `|` is the cursor. */
const at = (text: string): Editor => withText(EMPTY, text.replace('|', ''), text.indexOf('|'));
const shown = ({ text, cursor }: Editor): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`;
const after = (text: string, ...actions: EditAction[]): string =>
  shown(actions.reduce((editor, action) => edit(editor, action) ?? editor, at(text)));

describe('the line that is written', () => {
  it.each([
    ['ab|c', ['left'], 'a|bc'],
    ['a👨‍👩‍👧|b', ['left'], 'a|👨‍👩‍👧b'],
    ['e\u0301|x', ['backspace'], '|x'],
    ['|🇹🇷x', ['right'], '🇹🇷|x'],
    ['|abc', ['left'], '|abc'],
    ['one two|', ['word-left'], 'one |two'],
    ['one| two', ['word-right'], 'one two|'],
    ['ab|\ncd', ['right'], 'ab\n|cd'],
    ['ab\ncd|', ['home'], 'ab\n|cd'],
    ['a|b\ncd', ['end'], 'ab|\ncd'],
    ['one two|', ['kill-word'], 'one |'],
    ['see https://x.y/z|', ['kill-word'], 'see |'],
    ['|one two', ['kill-word-right'], '| two'],
    ['one| two', ['kill-left'], '| two'],
    ['one\n|two', ['kill-left'], 'one|two'],
    ['one| two', ['kill-right'], 'one|'],
    ['one|\ntwo', ['kill-right'], 'one|two'],
    ['a|b', ['delete'], 'a|'],
    ['ab|', ['transpose'], 'ba|'],
    ['a|bc', ['transpose'], 'ba|c'],
    ['|ab', ['transpose'], '|ab'],
    ['a|b', ['newline'], 'a\n|b'],
    ['abc\nde|f', ['up'], 'ab|c\ndef'],
    ['abc\nd|', ['up', 'down'], 'abc\nd|'],
    ['漢字x\nab|', ['up'], '漢字|x\nab'],
  ] as [string, EditAction[], string][])('%j after %j is %j', (before, actions, expected) => {
    expect(after(before, ...actions)).toBe(expected);
  });

  it('has no line above the first and none below the last', () => {
    expect(edit(at('one|'), 'up')).toBeUndefined();
    expect(edit(at('one|'), 'down')).toBeUndefined();
  });

  it('gives back what was cut, cuts that follow each other as one', () => {
    expect(after('one two three|', 'kill-word', 'kill-word', 'home', 'yank')).toBe('two three|one ');
    expect(after('one two|', 'kill-word', 'left', 'kill-word', 'yank')).toBe('one| ');
  });

  it('takes back what was done, step by step', () => {
    const typed = insert(insert(EMPTY, 'one'), ' two');
    const cut = edit(typed, 'kill-word') ?? typed;
    const back = [edit(cut, 'undo'), edit(edit(cut, 'undo') ?? cut, 'undo')].map((editor) => editor?.text);
    expect(back).toEqual(['one two', 'one']);
  });

  it('has its cursor between graphemes, whatever is done', () => {
    const action = fc.constantFrom<EditAction>(...LINE_EDITS, 'newline', 'up', 'down');
    const piece = fc.constantFrom('a', ' ', 'é', 'e\u0301', '漢', '👨‍👩‍👧', '🇹🇷', 'ไท', '\n', '.');
    fc.assert(
      fc.property(fc.array(fc.oneof(action, piece), { maxLength: 40 }), (steps) => {
        let editor = EMPTY;
        for (const one of steps)
          editor =
            one.length > 3 && /^[a-z-]+$/.test(one) ? (edit(editor, one as EditAction) ?? editor) : insert(editor, one);
        const ends = [0];
        for (const grapheme of graphemes(editor.text)) ends.push((ends.at(-1) ?? 0) + grapheme.length);
        expect(ends).toContain(editor.cursor);
      }),
    );
  });
});

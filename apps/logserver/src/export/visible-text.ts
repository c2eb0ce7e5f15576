/**
 * What a terminal or an editor would act on instead of showing: control characters (but not the line feed and the tab),
 * bidirectional controls, line separators, invisible ones that hide a text's true form (protocol-design §11, Terminal).
 */
const ACTS_UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** Text that reads as what it is: those characters appear as `\u{…}`. */
export function visible(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(ACTS_UNSEEN, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/**
 * The one place where text that came from somebody else is made fit for a terminal (wire-v1 §9, "Terminal").
 *
 * A terminal obeys control characters, hides or reorders with bidirectional and invisible ones, and stacks combining
 * marks over other lines; a peer must be able to do none of that. What is taken out stays visible as an escape.
 */

/** C0, DEL and C1; line and paragraph separators; bidirectional controls; invisible and tag characters; noncharacters and lone surrogates. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|[\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{efffe}\u{effff}\u{ffffe}\u{fffff}\u{10fffe}\u{10ffff}]|\p{Cs}/gu;

/** More than three marks on one character are no script's, and cover the lines around. */
const EXCESS_MARKS = /(\p{M}{3})\p{M}+/gu;

const escapeOf = (character: string) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** One line of remote text (a name, a status): line breaks are escaped like everything else. */
export function sanitizeLine(text: string): string {
  return text.replace(UNSAFE, escapeOf).replace(EXCESS_MARKS, '$1');
}

/**
 * Remote text of several lines. Every line after the first begins with the gutter, so that none can pass for
 * another speaker's; a tab is a space.
 */
export function sanitizeText(text: string, gutter = '  | '): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => sanitizeLine(line.replaceAll('\t', ' ')))
    .join(`\n${gutter}`);
}

/** JSON that a terminal shows as it stands: the same value, with what a terminal would obey as \u escapes. */
export function safeJson(value: unknown): string {
  return safeJsonLine(JSON.stringify(value));
}

/** The same for a line of JSON as it came: such characters can stand within its strings only. */
export function safeJsonLine(line: string): string {
  return line.replace(UNSAFE, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/**
 * The one place that knows what a terminal obeys, hides or reorders (docs/threat-model.md). It obeys control characters, hides or
 * reorders with bidirectional and invisible ones, and stacks combining marks over other lines; somebody else's text must be
 * able to do none of that, neither on a screen nor in a file that may be printed to one. What is taken out stays visible.
 */

/** C0, DEL and C1; line and paragraph separators; bidirectional controls; invisible and tag characters; noncharacters and lone surrogates. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|[\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{4fffe}\u{4ffff}\u{5fffe}\u{5ffff}\u{6fffe}\u{6ffff}\u{7fffe}\u{7ffff}\u{8fffe}\u{8ffff}\u{9fffe}\u{9ffff}\u{afffe}\u{affff}\u{bfffe}\u{bffff}\u{cfffe}\u{cffff}\u{dfffe}\u{dffff}\u{efffe}\u{effff}\u{ffffe}\u{fffff}\u{10fffe}\u{10ffff}]|\p{Cs}/gu;

/**
 * A zero width joiner between two emoji makes one of them (UTS #51): a family, a profession. There it is no invisible character,
 * and nothing can hide behind it.
 */
const EMOJI_JOINER =
  /(?<=\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)\u200d(?=\p{Extended_Pictographic})/gu;
/** More than three marks on one character are no script's, and cover the lines around. */
const EXCESS_MARK = /(?<=\p{M}{3})\p{M}/gu;

const escapeOf = (character: string) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** One line of remote text (a name, a status): line breaks are escaped like everything else. */
export function sanitizeLine(text: string): string {
  const parts = text.split(EMOJI_JOINER).map((part) => part.replace(UNSAFE, escapeOf).replace(EXCESS_MARK, ''));
  return parts.join('\u200d');
}

/**
 * A name, as one word: the original program takes any text, and one with spaces could go on as the rest of a line of ours
 * ("bob is here").
 */
export function sanitizeName(username: string): string {
  return sanitizeLine(username).replace(/\s/gu, escapeOf);
}

/** A line of JSON as the same value, in characters that a terminal only shows: those that it obeys can stand within strings only. */
export function safeJsonLine(line: string): string {
  const escaped = (character: string) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  return line.replace(EXCESS_MARK, escaped).replace(UNSAFE, escaped);
}

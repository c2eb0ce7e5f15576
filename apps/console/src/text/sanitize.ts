/** Text of somebody else's on its way to a terminal: a peer must be able to do nothing there but be read. */
import { safeJsonLine, sanitizeLine } from '@earshot/runtime/basics';

export { safeJsonLine, sanitizeLine, sanitizeName } from '@earshot/runtime/basics';

/** Stands before every row of a remote text but the first, so that none can pass for another speaker's or for ours. */
export const GUTTER = '  | ';

/** Remote text of several lines; a tab is a space. */
export function sanitizeText(text: string, gutter = GUTTER): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => sanitizeLine(line.replaceAll('\t', ' ')))
    .join(`\n${gutter}`);
}

/** JSON that a terminal shows as it stands: the same value, with what a terminal would obey as \u escapes. */
export function safeJson(value: unknown): string {
  return safeJsonLine(JSON.stringify(value));
}

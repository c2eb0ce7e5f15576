import { sanitizeLine } from '@earshot/runtime';

/** Text that reads as what it is, in a terminal or an editor too; line feeds and tabs stay. */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[^\n\t]+/g, sanitizeLine);
}

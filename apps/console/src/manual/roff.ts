/** The few macros of man(7) that a page needs, with every text made harmless to roff. */

/** What roff would take for a request, an escape or a typographic sign, as the character that it is. */
export function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('"', '\\(dq')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(aq')
    .replace(/^\./, '\\&.');
}

export const section = (title: string): string => `.SH ${title}`;

/** @param title as it stands, with roff's own escapes */
export const subsection = (title: string): string => `.SS ${title}`;

export const paragraph = (text: string): string => `.PP\n${prose(text)}`;

/** A term in bold, what follows it below and indented. */
export const item = (term: string, text: string): string => `.TP\n.B ${escaped(term)}\n${prose(text)}`;

/** As it stands, line by line, in the letters of a terminal. */
export const verbatim = (lines: readonly string[]): string =>
  ['.PP', '.RS 4', '.EX', ...lines.map(escaped), '.EE', '.RE'].join('\n');

/** `code` between backquotes in bold; a sentence a line, as roff wants it. */
export function prose(text: string): string {
  const parts = text.split('`').map((part, i) => (i % 2 === 0 ? escaped(part) : `\\fB${escaped(part)}\\fR`));
  // A line that begins with a dot would be a request.
  return parts
    .join('')
    .replace(/(?<=[\w)]\.) /g, '\n')
    .replace(/^\./gm, '\\&.');
}

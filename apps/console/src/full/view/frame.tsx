/** Draws a screen with ink: each row a line of styled text. Decides nothing. */
import { Box, Text, type TextProps } from 'ink';
import { memo } from 'react';
import type { Theme } from '../model.js';
import type { Screen, ScreenRow, ScreenStyle } from './screen-row.js';

type Look = Readonly<
  Partial<Pick<TextProps, 'color' | 'backgroundColor' | 'bold' | 'dimColor' | 'inverse' | 'underline'>>
>;

/** Of 16 colours, which every terminal has and its user chose. Meaning never hangs on colour: without any, the words are there. */
const DARK: Readonly<Record<ScreenStyle, Look>> = {
  plain: {},
  own: { color: 'cyan', bold: true },
  author: { color: 'green', bold: true },
  dim: { dimColor: true },
  unread: { color: 'yellow', bold: true },
  notice: { color: 'blue' },
  warning: { color: 'red', bold: true },
  match: { inverse: true },
  title: { inverse: true },
  status: { inverse: true },
  'status-warning': { inverse: true, bold: true, color: 'yellow' },
  selected: { inverse: true },
  online: { color: 'green' },
  prompt: { bold: true },
};
const LIGHT: Readonly<Record<ScreenStyle, Look>> = {
  ...DARK,
  own: { color: 'blue', bold: true },
  author: { color: 'magenta', bold: true },
  unread: { color: 'red', bold: true },
  'status-warning': { inverse: true, bold: true, color: 'red' },
};
const NONE: Readonly<Record<ScreenStyle, Look>> = {
  plain: {},
  own: { bold: true },
  author: { bold: true },
  dim: {},
  unread: { bold: true },
  notice: {},
  warning: { bold: true },
  match: { inverse: true },
  title: { inverse: true },
  status: { inverse: true },
  'status-warning': { inverse: true, bold: true },
  selected: { inverse: true },
  online: {},
  prompt: { bold: true },
};
const LOOKS: Readonly<Record<Theme, Readonly<Record<ScreenStyle, Look>>>> = { dark: DARK, light: LIGHT, none: NONE };

export function Frame({ screen, theme, columns }: { screen: Screen; theme: Theme; columns: number }) {
  return (
    <Box flexDirection="column" width={columns} height={screen.rows.length}>
      {screen.rows.map((row, n) => (
        <Line key={n} row={row} theme={theme} />
      ))}
    </Box>
  );
}

/** A row that is as it was is not looked at again: most are, at every key. */
const Line = memo(LineOf, (before, after) => before.theme === after.theme && isSame(before.row, after.row));

function isSame(a: ScreenRow, b: ScreenRow): boolean {
  return a.length === b.length && a.every(({ text, style }, n) => text === b[n]?.text && style === b[n].style);
}

function LineOf({ row, theme }: { row: ScreenRow; theme: Theme }) {
  return (
    <Text wrap="truncate">
      {row.length === 0
        ? ' '
        : row.map(({ text, style }, n) => (
            <Text key={n} {...LOOKS[theme][style]}>
              {text}
            </Text>
          ))}
    </Text>
  );
}

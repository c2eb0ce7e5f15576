/** Results as people read them. */
import type { Result, Row } from './row.js';

export function table(results: readonly { row: Row; result: Result }[]): string {
  const lines = results.map(({ row, result }) => [
    result.met ? 'met' : 'NOT',
    row.name,
    `${readable(result.value)} ${row.unit}`,
    `${'atLeast' in row.goal ? '≥' : '≤'} ${readable(result.goal)}`,
    Object.entries(result.reference)
      .map(([name, value]) => `${name} ${readable(value)}`)
      .join(' · '),
  ]);
  const all = [['', 'what', 'value', 'goal', 'measured beside it'], ...lines];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => (line[column] ?? '').length)));
  return all
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Thousands apart: 20000 is 20 000. */
function readable(value: number): string {
  return value >= 10_000
    ? Math.round(value)
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ' ')
    : String(value);
}

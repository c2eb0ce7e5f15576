/** What a screen is made of. */
import type { Style } from '../conversation/rows.js';

export type ScreenStyle = Style | 'title' | 'status' | 'status-warning' | 'selected' | 'online' | 'prompt';
export interface ScreenSpan {
  readonly text: string;
  readonly style: ScreenStyle;
}
export type ScreenRow = readonly ScreenSpan[];

export interface Screen {
  /** As many as the terminal has, each of its width at most. */
  readonly rows: readonly ScreenRow[];
  /** From 0. */
  readonly cursor: { readonly row: number; readonly column: number };
}

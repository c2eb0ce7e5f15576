/** How the screen is divided. */
import { bannerRows } from './banners.js';
import { conversationWith, type Model } from './model.js';
import { breakRows } from './text/width.js';

export interface Layout {
  /** 0 where the list is not shown. */
  readonly list: number;
  readonly pane: number;
  /** What must not be missed, above the conversation. */
  readonly banner: readonly string[];
  /** Rows of the conversation. */
  readonly height: number;
  /** Rows of the line that is being written. */
  readonly input: number;
}

const LIST_COLUMNS = 22;
/** Narrower than this, the conversation needs all of it. */
const MIN_FOR_LIST = 60;
const INPUT_MAX_ROWS = 6;
export const PROMPT = '> ';

export function layoutOf(model: Model): Layout {
  const { columns, rows } = model;
  const hasList = model.hasList && !model.isBare && columns >= MIN_FOR_LIST && model.overlay?.kind !== 'lines';
  const list = hasList ? LIST_COLUMNS : 0;
  const editor = model.open === null ? undefined : conversationWith(model, model.open).editor;
  const wanted = editor === undefined ? 1 : inputRows(editor.text, columns).length;
  const input = Math.max(1, Math.min(wanted, INPUT_MAX_ROWS, rows - 3));
  // A title above, a status bar below; neither where the text is shown bare.
  const room = Math.max(1, rows - input - (model.isBare ? 0 : 2));
  const banner = model.isBare ? [] : bannerRows(model, columns, Math.floor(room / 2));
  const height = room - banner.length;
  return { banner, list, pane: columns - (list === 0 ? 0 : list + 1), height, input };
}

/** The line that is being written, in rows behind the prompt. */
export function inputRows(text: string, columns: number): string[] {
  return breakRows(text, Math.max(1, columns - PROMPT.length - 1));
}

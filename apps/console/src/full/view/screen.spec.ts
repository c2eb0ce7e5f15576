import fc from 'fast-check';
import { BOB, CAROL, FullScene, message, person } from '../../../test/full-scene.js';
import type { Theme } from '../model.js';
import { widthOf } from '../text/width.js';
import { Drawing } from './drawing.js';
import { screenOf } from './screen.js';

const talking = (columns = 80, rows = 24) =>
  FullScene.ready({ columns, rows })
    .presses('alt+1')
    .happens({ type: 'page', peer: BOB, before: null, generation: 0, items: [message(1), message(2)], isWhole: true });

const drawings: Drawing[] = [];
afterEach(() => {
  for (const drawing of drawings.splice(0)) drawing.close();
});

function drawingIn(theme: Theme): (scene: FullScene) => string {
  const drawing = new Drawing(theme);
  drawings.push(drawing);
  return ({ model }) => drawing.frameOf(screenOf(model), model.columns);
}

/** Without its colours, and what is only filled. */
const rowsOf = (frame: string) =>
  frame
    .replace(/\x1b\[[\d;]*m/g, '')
    .split('\n')
    .map((row) => row.trimEnd());

describe('the screen', () => {
  it('has whom one talks to above, the list beside, and below oneself and what is written', () => {
    const { rows } = talking().types('hi');
    expect(rows[0]).toBe(' bob  online, accepted, 192.0.2.7:7001');
    expect(rows[1]).toMatch(/^1 ● bob {15}│/);
    expect(rows[2]).toMatch(/^2 ● carol {13}│/);
    expect(rows.at(-2)).toMatch(/^ anna .*F1 help$/);
    expect(rows.at(-1)).toBe('> hi');
  });

  it('has no list where it is narrow, and says so where there is room for nothing', () => {
    expect(talking(40, 10).screen).not.toContain('│');
    expect(talking(40, 10).screen).toContain('message 2');
    expect(talking(8, 3).screen).toContain('too sma…');
  });

  it('is as large as the terminal whatever people say, in every size, with the cursor on it', () => {
    const anyText = fc.string({
      unit: fc.oneof(
        fc.constantFrom('\u001b[2J', '\n', '漢', '👨‍👩‍👧‍👦', 'عربي', 'ไทย', 'a\u0301\u0302\u0303\u0304', ' ', 'word '),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
      ),
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 30 }),
        (said, typed, columns, rows) => {
          const scene = talking(columns, rows).happens(
            person(CAROL, 'carol', { status: said.slice(0, 20) || 'x' }),
            { type: 'message', message: message(3, { text: said }) },
            { type: 'said', text: said, isWarning: true, peer: BOB },
          );
          for (const overlay of ['escape', 'f1', 'ctrl+k', 'ctrl+r', 'ctrl+s']) {
            const screen = screenOf(scene.presses('escape', overlay).types(typed.replaceAll('\n', ' ')).model);
            expect(screen.rows.length).toBe(rows);
            for (const row of screen.rows) {
              const text = row.map((span) => span.text).join('');
              expect(widthOf(text)).toBeLessThanOrEqual(columns);
              expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
            }
            expect(screen.cursor.row).toBeLessThan(Math.max(rows, 1));
            expect(screen.cursor.column).toBeLessThan(Math.max(columns, 1));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is drawn by ink as it is, in colours only where they are wanted', () => {
    const scene = talking();
    const plain = drawingIn('none')(scene);
    expect(rowsOf(plain)).toEqual(scene.rows);
    expect(plain).not.toMatch(/\x1b\[(3[0-7]|9[0-7])m/);
  });

  it('is drawn as it is after each change, and in each size', () => {
    const draw = drawingIn('none');
    const scene = talking();
    for (const change of [
      () => scene.types('hi'),
      () => scene.happens({ type: 'message', message: message(3) }),
      () => scene.presses('f1'),
      () => scene.presses('escape', 'alt+enter'),
      () => scene.happens({ type: 'resized', columns: 40, rows: 10 }),
      () => scene.happens({ type: 'resized', columns: 40, rows: 11 }),
      () => scene.happens({ type: 'resized', columns: 120, rows: 41 }),
      () => scene.types('x'),
    ]) {
      change();
      expect(rowsOf(draw(scene))).toEqual(scene.rows);
    }
  });
});

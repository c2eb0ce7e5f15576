import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOB, FullScene, message } from '../../test/full-scene.js';
import { keptOf, merged, readState, takenUp, writeState } from './state-file.js';

describe('what is kept from one run to the next', () => {
  it('is what is being written, and where one was', () => {
    const items = Array.from({ length: 60 }, (_, n) => message(n + 1));
    const scene = FullScene.ready()
      .presses('alt+1')
      .happens({ type: 'page', peer: BOB, before: null, generation: 0, items, isWhole: true })
      .presses('pageup')
      .types('a draft');
    const again = FullScene.ready(takenUp(keptOf(scene.model)));
    again.happens({ type: 'page', peer: BOB, before: null, generation: 0, items, isWhole: true });
    expect(again.rows).toEqual(scene.rows);
  });

  it('takes in what another screen has written meanwhile, where this one changed nothing', () => {
    const pending = (n: number) => ({ id: message(n).id, peer: BOB, text: `waits ${n}` });
    const begun = FullScene.ready()
      .presses('alt+1')
      .happens({ type: 'sending', pending: pending(1) });
    const base = keptOf(begun.model);
    const [one, other] = [FullScene.ready(takenUp(base)), FullScene.ready(takenUp(base))];
    one
      .types('a draft for bob')
      .presses('alt+2')
      .happens({ type: 'sending', pending: pending(2) });
    other
      .presses('alt+2')
      .types('a draft for carol')
      .happens({ type: 'stored', id: pending(1).id });
    const both = FullScene.ready(takenUp(merged(base, keptOf(other.model), keptOf(one.model))));
    expect(both.presses('alt+1').screen).toContain('> a draft for bob');
    expect(both.presses('alt+2').screen).toContain('> a draft for carol');
    expect(both.model.pending).toEqual([pending(2)]);
    // What is said meanwhile is no change of what is being written.
    const [idle, writing] = [FullScene.ready(takenUp(base)), FullScene.ready(takenUp(base)).presses('alt+1')];
    writing.types('still here');
    for (const scene of [idle, writing]) scene.happens({ type: 'message', message: message(7) });
    const after = FullScene.ready(takenUp(merged(base, keptOf(idle.model), keptOf(writing.model))));
    expect(after.presses('alt+1').screen).toContain('> still here');
    for (const broken of ['', '{']) expect(merged(base, keptOf(one.model), broken)).toBe(keptOf(one.model));
  });

  it.each(['', 'no JSON', '{}', '{"open":7}'])('is nothing where the file holds %j', (text) => {
    expect(takenUp(text)).toBeUndefined();
  });

  it('is a file for its owner alone, written whole or not at all', () => {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-state-'));
    try {
      const path = join(folder, 'screen.json');
      expect(writeState(path, 'text')).toBe(true);
      expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['text', 0o600]);
      expect(writeState(join(folder, 'missing', 'screen.json'), 'text')).toBe(false);
      expect(readState(join(folder, 'nowhere'))).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

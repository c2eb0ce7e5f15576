import { BOB, CAROL, FullScene, person } from '../../test/full-scene.js';

const impostor = person(CAROL, 'bob', { trust: 'new', namesakeOf: { id: BOB, username: 'bob' } });
const withImpostor = () => FullScene.ready().happens(impostor);

describe('somebody under the name of another', () => {
  it('is announced above whatever is open, until Esc', () => {
    const scene = withImpostor();
    expect(scene.screen).toContain('! SOMEBODY ELSE CALLS THEMSELVES bob: bob#cccccccccc at 192.0.2.7:7001');
    expect(scene.presses('ctrl+k').screen).toContain('SOMEBODY ELSE');
    // The first closes what is open.
    expect(scene.presses('escape').screen).toContain('SOMEBODY ELSE');
    expect(scene.presses('escape').screen).not.toContain('SOMEBODY ELSE');
  });

  it('is not announced again for being heard again, but for coming back', () => {
    const scene = withImpostor().presses('escape').happens(impostor);
    expect(scene.screen).not.toContain('SOMEBODY ELSE');
    scene.happens(person(CAROL, 'carol'), impostor);
    expect(scene.screen).toContain('SOMEBODY ELSE');
  });

  it('is kept out with the banner that said so', () => {
    const blocked = person(CAROL, 'bob', { trust: 'blocked', namesakeOf: { id: BOB, username: 'bob' } });
    expect(withImpostor().happens(blocked).screen).not.toContain('SOMEBODY ELSE');
  });
});

describe('a warning', () => {
  const failed = { type: 'warned', id: 'store-failed', lines: ['The history cannot be written'], peer: null } as const;

  it('is gone when it is so no more, and there again when it is so again', () => {
    const scene = FullScene.ready().happens(failed);
    expect(scene.screen).toContain('! The history cannot be written');
    expect(scene.happens({ type: 'warning-over', id: 'store-failed' }).screen).not.toContain('The history');
    expect(scene.happens(failed).screen).toContain('The history');
  });

  it('leaves room for the conversation, and says how it is closed, on the smallest screen', () => {
    const scene = FullScene.ready({ columns: 20, rows: 6 }).happens({ ...failed, lines: ['word '.repeat(100)] });
    expect(scene.rows).toHaveLength(6);
    expect(scene.screen).toContain('Esc closes this');
  });

  it('of a person stands in their conversation too', () => {
    const scene = FullScene.ready()
      .happens({ ...failed, peer: BOB })
      .presses('escape', 'alt+1');
    expect(scene.screen).toContain('! The history cannot be written');
  });

  it('shows one after the other', () => {
    const scene = withImpostor().happens(failed);
    expect(scene.screen).toContain('Esc closes this, and shows 1 more');
    expect(scene.presses('escape').screen).toContain('SOMEBODY ELSE');
  });
});

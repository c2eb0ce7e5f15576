import { ADA, BOB, CAROL, DAVE, FullScene, message, peerOf, person } from '../../test/full-scene.js';
import { COMMANDS } from '../slash/commands.js';
import { ACTIONS } from './keys/actions.js';

const pageOf = (from: number, to: number, isWhole = true) => ({
  type: 'page' as const,
  peer: BOB,
  before: null,
  generation: 0,
  items: Array.from({ length: to - from + 1 }, (_, n) => message(from + n)),
  isWhole,
});
const load = (before: number | null, peer = BOB, generation = 0) => ({
  do: 'load',
  peer,
  before: before === null ? null : message(before).id,
  generation,
});
const unread = (messages: number, readUpTo: number, peer = BOB) => ({
  type: 'unread' as const,
  peer,
  messages,
  readUpTo: message(readUpTo).id,
});
const withBob = (more = {}): FullScene => FullScene.ready(more).presses('alt+1').happens(pageOf(1, 3));

describe('the full screen', () => {
  it('asks for a name first, and takes the one that is suggested for an empty line', () => {
    const scene = new FullScene({ suggestedName: 'anna' }).happens(
      { type: 'self', username: null },
      person(BOB, 'bob'),
    );
    expect(scene.screen).toContain('What name should others see? Enter alone takes: anna');
    expect(scene.screen).toContain('Around now: bob.');
    expect(scene.presses('enter').effects).toEqual([{ do: 'register', name: 'anna' }]);
    expect(scene.types('ann').types('a2').presses('enter').effects).toEqual([{ do: 'register', name: 'anna2' }]);
    scene.happens({ type: 'said', text: 'that is no name', isWarning: true, peer: null });
    expect(scene.screen).toContain('! that is no name');
    expect(scene.happens({ type: 'self', username: 'anna2' }).screen).toContain('Ctrl+K chooses whom to talk to.');
  });

  it('says so while the messenger has not answered', () => {
    expect(new FullScene().screen).toContain('Waiting for the messenger');
  });

  it('loads a conversation when it is opened, and older pages when their beginning comes near', () => {
    const scene = FullScene.ready().presses('alt+1');
    expect(scene.effects).toEqual([load(null)]);
    scene.happens(pageOf(101, 200, false));
    expect(scene.effects).toEqual([]);
    expect(scene.screen).toContain('message 200');
    for (let page = 0; page < 4; page++) scene.presses('pageup');
    expect(scene.effects).toEqual([load(101)]);
    const seen = scene.rows;
    scene.happens({ ...pageOf(1, 100), before: message(101).id });
    expect(scene.rows).toEqual(seen);
    expect(scene.presses('alt+home').screen).toContain('This is where you and bob began.');
  });

  it('sends what is written, under an id that is kept until it is stored', () => {
    const scene = withBob().says('hello');
    expect(scene.effects).toEqual([{ do: 'send', peer: BOB, text: 'hello' }]);
    const pending = { id: message(4).id, peer: BOB, text: 'hello' };
    scene.happens({ type: 'sending', pending });
    expect(scene.screen).toMatch(/ {2}hello\n.*waits for the messenger/);
    scene.happens({ type: 'message', message: message(4, { direction: 'sent', text: 'hello', state: 'queued' }) });
    expect(scene.screen).toMatch(/hello {2}queued/);
    scene.happens({ type: 'state', id: pending.id, peer: BOB, state: 'delivered' });
    expect(scene.screen).toMatch(/hello {2}delivered/);
    expect(scene.model.pending).toEqual([]);
  });

  it('shows nothing any more of what was forgotten, and reads what is left', () => {
    const scene = withBob().says('something of mine');
    expect(scene.screen).toContain('message 3');
    scene.happens(unread(2, 1), { type: 'forgotten', peer: BOB });
    expect(scene.effects).toEqual([load(null, BOB, 1)]);
    expect(scene.screen).not.toContain('message 3');
    expect(scene.presses('up').screen).not.toContain('something of mine');
    // One that was on its way holds what is gone.
    expect(scene.happens(pageOf(1, 3)).screen).not.toContain('message');
    scene.happens({ ...pageOf(3, 3), generation: 1 });
    expect(scene.screen).toContain('message 3');
    expect(scene.screen).not.toContain('message 2');
    scene.happens({ type: 'forgotten', peer: CAROL });
    expect(scene.effects).toEqual([load(null, CAROL, 1)]);
  });

  it('gives back what could not be sent', () => {
    const pending = { id: message(4).id, peer: BOB, text: 'far too long' };
    const scene = withBob().happens({ type: 'sending', pending }, { type: 'not-stored', pending, why: 'too large' });
    expect(scene.screen).toContain('> far too long');
    expect(scene.screen).toContain('! Not sent: too large');
  });

  it('sends with a slash in front what is written with two, and what somebody does as it was typed', () => {
    expect(withBob().says('//etc').effects).toEqual([{ do: 'send', peer: BOB, text: '/etc' }]);
    expect(withBob().says('/me waves').effects).toEqual([{ do: 'send', peer: BOB, text: '/me waves' }]);
    const scene = withBob().happens({ type: 'message', message: message(4, { text: '/me waves' }) });
    expect(scene.screen).toContain('  * bob waves');
  });

  it('does not move while one reads further up, and counts what comes below', () => {
    const scene = FullScene.ready().presses('alt+1').happens(pageOf(1, 100)).presses('pageup');
    const pane = () => scene.rows.slice(1, -3).map((row) => row.slice(23));
    const seen = pane();
    scene.happens({ type: 'message', message: message(101) }, { type: 'message', message: message(102) });
    expect(pane()).toEqual(seen);
    expect(scene.screen).toContain('↓ 2 new');
    scene.presses('alt+end');
    expect(scene.screen).toContain('message 102');
    expect(scene.screen).not.toContain('↓');
  });

  it('holds on to what may be looked at soon, and loads the rest again', () => {
    const scene = FullScene.ready().presses('alt+1').happens(pageOf(1, 100));
    const loaded = () => scene.model.conversations.get(BOB)?.messages.length;
    for (let n = 101; n <= 3_000; n++) scene.happens({ type: 'message', message: message(n) });
    expect(loaded()).toBeLessThanOrEqual(2_500);
    expect(scene.screen).toContain('message 3000');
    expect([scene.presses('alt+2').model.open, loaded()]).toEqual([CAROL, 200]);
    scene.presses('alt+1');
    for (let page = 0; page < 12 && scene.effects.length === 0; page++) scene.presses('pageup');
    expect(scene.effects).toEqual([load(2_801)]);
  });

  it('marks as new what came while one was elsewhere, with a line, and tells once', () => {
    const scene = withBob().presses('alt+2');
    scene.happens({ type: 'message', message: message(4) });
    expect(scene.effects).toEqual([{ do: 'bell' }]);
    scene.happens(unread(1, 3));
    expect(scene.screen).toContain('unread: bob 1');
    expect(scene.presses('alt+a').screen).toMatch(/── new ─+\n.*bob 12:04\n.*message 4/);
    expect(scene.screen).not.toContain('unread');
    expect(scene.presses('alt+2').presses('alt+1').screen).not.toContain('── new');
  });

  it('draws the line behind what was read, however much of it is here already', () => {
    const scene = withBob().presses('alt+2');
    // The number is there before the messages are.
    scene.happens(unread(40, 3), { type: 'message', message: message(4) }).presses('alt+1');
    expect(scene.screen).toMatch(/── new ─+\n.*\n.*message 4/);
  });

  it('brings back what was written in an earlier run, from the conversation', () => {
    const said = (n: number, text: string) => message(n, { direction: 'sent', text, state: 'delivered' });
    const items = [message(1), said(2, 'first of mine'), said(3, '/etc is a folder'), said(4, '/me waves')];
    const scene = FullScene.ready()
      .presses('alt+1')
      .happens({ ...pageOf(1, 1), items });
    const up = () => /> (.*)/.exec(scene.presses('up').screen)?.[1];
    expect([up(), up(), up()]).toEqual(['/me waves', '//etc is a folder', 'first of mine']);
  });

  it('knows what is unread from before it began, loads as much, and draws the line there', () => {
    const scene = FullScene.ready().happens(unread(150, 50));
    expect(scene.screen).toContain('unread: bob 99+');
    expect(scene.presses('alt+a').effects).toEqual([load(null)]);
    scene.happens(pageOf(101, 200, false));
    expect(scene.effects).toEqual([load(101)]);
    // Of what is not there yet nothing was read.
    expect(scene.model.conversations.get(BOB)?.unread).toBe(150);
    scene.happens({ ...pageOf(1, 100, false), before: message(101).id });
    expect(scene.effects).toEqual([]);
    expect(scene.model.conversations.get(BOB)).toMatchObject({ unread: 0, readUpTo: message(200).id });
    expect(scene.presses('alt+u').screen).toMatch(/── new ─+\n.*\n.*message 51/);
  });

  it('takes for read what was read on another screen, and says so of what is read here', () => {
    const scene = withBob().presses('alt+2').happens(unread(3, 3));
    expect(scene.screen).toContain('unread: bob 3');
    expect(scene.happens(unread(0, 6)).screen).not.toContain('unread');
    scene.happens(unread(2, 6), unread(1, 6, CAROL)).says('/read bob');
    expect(scene.effects).toEqual([{ do: 'read', peer: BOB }]);
    expect(scene.screen).not.toContain('unread: bob');
    expect(scene.happens(unread(2, 6)).says('/read all').effects).toEqual([
      { do: 'read', peer: BOB },
      { do: 'read', peer: CAROL },
    ]);
    // What is followed is read as it comes.
    scene.presses('alt+1').happens({ type: 'message', message: message(7) }, unread(1, 6));
    expect(scene.model.conversations.get(BOB)).toMatchObject({ unread: 0, readUpTo: message(7).id });
  });

  it('keeps everybody in their place in the list, whoever writes', () => {
    const scene = FullScene.ready().happens(person(DAVE, 'dave'), {
      type: 'known',
      conversations: [
        { peer: CAROL, username: 'carol', lastAt: message(2).committedAt },
        { peer: BOB, username: 'bob', lastAt: message(1).committedAt },
      ],
    });
    const names = () => scene.rows.slice(1, 4).map((row) => /[a-z]+/.exec(row)?.[0]);
    expect(names()).toEqual(['carol', 'bob', 'dave']);
    scene.happens({ type: 'message', message: message(3) }, { type: 'message', message: message(4, { peer: DAVE }) });
    expect(names()).toEqual(['carol', 'bob', 'dave']);
    // Who was around only by then comes below those.
    scene.happens(person(ADA, 'ada'));
    expect(scene.rows[4]).toContain('ada');
    expect(scene.presses('alt+2').model.open).toBe(BOB);
  });

  it('rings no bell for the conversation in view, nor where the user wants none', () => {
    expect(withBob().happens({ type: 'message', message: message(4) }).effects).toEqual([]);
    const quiet = withBob().says('/notify off').presses('alt+2');
    expect(quiet.happens({ type: 'message', message: message(4) }).effects).toEqual([]);
  });

  it('shows on the desktop who writes, and what only where that is wanted; of strangers nothing', () => {
    const told = (notify: 'desktop' | 'text', trust: 'accepted' | 'new') =>
      FullScene.ready({ notify })
        .happens(person(BOB, 'bob', { trust }), { type: 'message', message: message(1, { text: 'a secret\nin two' }) })
        .effects.filter((effect) => effect.do === 'notify');
    expect(told('desktop', 'accepted')).toEqual([{ do: 'notify', title: 'bob', text: 'wrote to you' }]);
    expect(told('text', 'accepted')).toEqual([{ do: 'notify', title: 'bob', text: 'a secret in two' }]);
    expect(told('text', 'new')).toEqual([]);
  });

  it('keeps what is being written in each conversation, and what was written before at hand', () => {
    const scene = withBob().says('first').says('second').types('to bob').presses('alt+2').types('to carol');
    expect(scene.screen).toContain('> to carol');
    scene.presses('alt+1');
    expect(scene.screen).toContain('> to bob');
    expect(scene.presses('up').screen).toContain('> second');
    expect(scene.presses('up').screen).toContain('> first');
    expect(scene.presses('down', 'down').screen).toContain('> to bob');
  });

  it('shows a paste of many lines before it takes it, and takes a few at once', () => {
    const scene = withBob().pastes('one\ntwo');
    expect(scene.screen).toContain('> one\n  two');
    scene.presses('ctrl+u', 'ctrl+u', 'ctrl+u').pastes(Array.from({ length: 200 }, (_, n) => `line ${n}`).join('\n'));
    expect(scene.screen).toContain('200 lines');
    expect(scene.presses('escape').screen).not.toContain('line 0');
    scene.pastes('a\nb\nc\nd\ne').presses('enter');
    expect(scene.presses('enter').effects).toEqual([{ do: 'send', peer: BOB, text: 'a\nb\nc\nd\ne' }]);
  });

  it('jumps to somebody by a few letters', () => {
    const scene = withBob().presses('ctrl+k').types('cr');
    expect(scene.screen).toContain('> carol  online');
    expect(scene.screen).not.toMatch(/│[> ] bob/);
    expect(scene.presses('enter').model.open).toBe(CAROL);
  });

  it('sends to whom a message is addressed, whoever is open', () => {
    expect(withBob().says('@carol hi there').effects).toEqual([
      { do: 'choose', query: 'carol', text: 'hi there', line: '@carol hi there' },
    ]);
    expect(FullScene.ready().says('@carol').effects).toEqual([
      { do: 'choose', query: 'carol', text: '', line: '@carol' },
    ]);
    expect(withBob().says('@@carol is who').effects).toEqual([{ do: 'send', peer: BOB, text: '@carol is who' }]);
    expect(withBob().says('see @carol').effects).toEqual([{ do: 'send', peer: BOB, text: 'see @carol' }]);
  });

  it('sends nothing to anybody else than was meant when a name takes long, and loses none of it', () => {
    const carol = { ...peerOf(CAROL, 'carol'), id: CAROL };
    const late = withBob().says('@carol a secret').types('to bob');
    late.happens({ type: 'chosen', peer: carol, text: 'a secret' });
    expect(late.effects).toEqual([{ do: 'send', peer: CAROL, text: 'a secret' }]);
    expect([late.model.open, late.screen]).toEqual([BOB, expect.stringContaining('> to bob')]);
    const nobody = FullScene.ready()
      .says('@nobody a long text')
      .happens({ type: 'not-chosen', line: '@nobody a long text' });
    expect(nobody.screen).toContain('> @nobody a long text');
  });

  it('gives back every text that was not stored, as it is typed', () => {
    const pending = (n: number, text: string) => ({ id: message(n).id, peer: BOB, text });
    const scene = withBob({ pending: [pending(8, '/quit'), pending(9, '@carol said so')] });
    for (const one of scene.model.pending) scene.happens({ type: 'not-stored', pending: one, why: 'blocked' });
    expect(scene.model.pending).toEqual([]);
    expect(scene.presses('enter').effects).toEqual([{ do: 'send', peer: BOB, text: '/quit' }]);
    expect(scene.presses('up', 'up').presses('enter').effects).toEqual([
      { do: 'send', peer: BOB, text: '@carol said so' },
    ]);
  });

  it('goes on going back, whatever comes meanwhile', () => {
    const scene = FullScene.ready()
      .happens(unread(950, 1))
      .presses('alt+1')
      .happens(pageOf(3_901, 4_000, false));
    for (let from = 3_801; from >= 3_101; from -= 100)
      scene.happens({ ...pageOf(from, from + 99, false), before: message(from + 100).id });
    scene.happens({ type: 'message', message: message(4_001) }, unread(951, 1)).presses('alt+2', 'alt+1');
    expect(scene.model.conversations.get(BOB)?.messages[0]?.id).toBe(message(3_101).id);
    // A page that fits nowhere any more is asked for anew.
    scene.happens({ ...pageOf(1, 100, false), before: message(5_000).id });
    expect(scene.effects).toEqual([load(3_101)]);
    scene.happens({ ...pageOf(3_001, 3_100, false), before: message(3_101).id });
    expect(scene.model.conversations.get(BOB)).toMatchObject({ unread: 0, unreadFrom: message(3_051).id });
  });

  it('shows a page to its end, however its lines are broken', () => {
    const lines = Array.from({ length: 30 }, (_, n) => `line ${n} ${'and so on '.repeat(12)}end ${n}.`);
    const scene = withBob().happens({ type: 'lines', title: 'Long', lines });
    for (let page = 0; page < 8; page++) scene.presses('pagedown');
    expect(scene.screen).toContain('end 29.');
  });

  it('stays where one looks when a command is given, and goes to the end when something is said', () => {
    const scene = FullScene.ready().presses('alt+1').happens(pageOf(1, 60)).presses('pageup');
    scene.happens({ type: 'message', message: message(61) }, unread(1, 60)).says('/notify bell');
    expect(scene.screen).toContain('↓ 1 new');
    scene.says('so it is');
    expect(scene.screen).toContain('message 61');
  });

  it('shows what was cleared to who looks back', () => {
    const scene = withBob().says('/clear');
    expect(scene.screen).not.toContain('message 3');
    expect(scene.presses('pageup').screen).toContain('message 3');
  });

  it('gives way to who begins to write over what is only to be read', () => {
    expect(withBob().presses('f1').types('hello').screen).toContain('> hello');
    expect(withBob().presses('f1').types('hello').model.overlay).toBeNull();
  });

  it('says in lines of its own what is longer than the status bar has room for', () => {
    const text = 'nobody known goes by that name: `earshot peers` lists everybody who is known here';
    const scene = withBob().happens({ type: 'said', text, isWarning: true, peer: null });
    expect(scene.screen.replace(/\s+(\S*│)?\s*/g, ' ')).toContain(text);
    expect(withBob().happens({ type: 'said', text: 'short', isWarning: false, peer: null }).screen).toContain('short');
  });

  it('shows whom one writes to while the messenger has not answered yet', () => {
    const scene = new FullScene({ open: BOB }).types('blind');
    expect(scene.screen).toContain('> blind');
    expect(scene.rows[0]).toContain(BOB.slice(0, 10));
    expect(new FullScene().screen).toContain('Waiting for the messenger');
  });

  it('says after a restart how much is new below where one was', () => {
    const scene = FullScene.ready().presses('alt+1').happens(pageOf(1, 60)).presses('pageup').happens(unread(3, 57));
    expect(scene.screen).toContain('↓ 3 new');
    expect(scene.screen).toContain('unread: bob 3');
  });

  it('goes back for the line to what was read last, where more is unread than is counted', () => {
    const scene = FullScene.ready().happens(unread(1_000, 50)).presses('alt+1');
    scene.happens(pageOf(1_101, 2_200, false));
    expect(scene.effects).toEqual([load(1_101)]);
    scene.happens({ ...pageOf(40, 1_100, false), before: message(1_101).id });
    expect(scene.model.conversations.get(BOB)).toMatchObject({ unread: 0, unreadFrom: message(51).id });
  });

  it('marks in the palette who only goes by a known name', () => {
    const scene = withBob().happens(person(CAROL, 'bob', { trust: 'new', namesakeOf: { id: BOB, username: 'bob' } }));
    expect(scene.presses('ctrl+k').screen).toMatch(/bob#cccccccccc +online +! NOT the one you know/);
  });

  it('has its help on the first screen, too', () => {
    const scene = new FullScene().happens({ type: 'self', username: null }).presses('f1');
    expect(scene.screen).toContain('Conversations');
    expect(scene.presses('escape').screen).toContain('What name should others see?');
  });

  it('takes a paste without the end of its last line', () => {
    const scene = withBob().pastes('a\nb\nc\nd\n');
    expect(scene.screen).toContain('4 lines');
    expect(scene.presses('enter', 'enter').effects).toEqual([{ do: 'send', peer: BOB, text: 'a\nb\nc\nd' }]);
  });

  it('finds words in the conversation, from the newest back', () => {
    const scene = FullScene.ready().presses('alt+1').happens(pageOf(1, 60)).presses('ctrl+s').types('MESSAGE 1');
    expect(scene.model.overlay).toMatchObject({ found: message(19).id });
    expect(scene.presses('ctrl+s').model.overlay).toMatchObject({ found: message(18).id });
    expect(scene.screen).toContain('message 18');
    expect(scene.types('x').screen).toContain('Not here.');
    expect(scene.presses('escape').model.overlay).toBeNull();
  });

  it('searches everything, and opens what was found', () => {
    const scene = withBob().presses('ctrl+r').types('bicycle').presses('enter');
    expect(scene.effects).toEqual([{ do: 'search', words: 'bicycle' }]);
    scene.happens({ type: 'found', words: 'bicycle', results: [message(1, { peer: CAROL, text: 'a green bicycle' })] });
    expect(scene.screen).toContain('carol: a green bicycle');
    expect(scene.presses('enter').model.open).toBe(CAROL);
    // It is not loaded: one goes back until it is.
    scene.happens({ ...pageOf(101, 200, false), peer: CAROL });
    expect(scene.effects).toEqual([load(101, CAROL)]);
    scene.happens({ ...pageOf(1, 100), peer: CAROL, before: message(101).id });
    expect(scene.screen).toContain('message 1\n');
    expect(scene.effects).toEqual([]);
    expect(scene.model.notice).toBeNull();
  });

  it('has what is still queued in the line again, to be changed, or takes it back', () => {
    const queued = message(9, { direction: 'sent', state: 'queued', text: 'helo' });
    const scene = withBob().happens({ type: 'outbox', items: [queued] });
    expect(scene.screen).toContain('bob  queued  helo');
    expect(scene.presses('enter').effects).toEqual([{ do: 'cancel', id: queued.id }]);
    expect(scene.screen).toContain('> helo');
    const other = withBob()
      .happens({ type: 'outbox', items: [queued] })
      .presses('delete');
    expect(other.effects).toEqual([{ do: 'cancel', id: queued.id }]);
    const sent = withBob()
      .happens({ type: 'outbox', items: [{ ...queued, state: 'sent' }] })
      .presses('delete');
    expect([sent.effects, sent.screen]).toEqual([[], expect.stringContaining('cannot be taken back')]);
  });

  it('does not hide that somebody else takes a known name', () => {
    const scene = withBob().happens(person(CAROL, 'bob', { trust: 'new', namesakeOf: { id: BOB, username: 'bob' } }));
    scene.happens({ type: 'message', message: message(1, { peer: CAROL }) }, unread(1, 0, CAROL)).presses('alt+a');
    expect(scene.rows[0]).toContain('NOT the one you know');
    expect(scene.screen).toContain('(NOT the one you know)');
    expect(scene.screen).toContain('bob#cccccccccc');
  });

  it('asks the log server once more whom one has talked to, when it is back', () => {
    const scene = withBob().happens({ type: 'services', down: ['logserver'] });
    expect(scene.happens({ type: 'services', down: ['logserver'] }).effects).toEqual([]);
    expect(scene.happens({ type: 'services', down: [] }).effects).toEqual([{ do: 'known' }]);
    expect(scene.happens({ type: 'services', down: [] }).effects).toEqual([]);
  });

  it('tells which service is down, and the key that starts it', () => {
    const scene = withBob().happens({ type: 'down' }, { type: 'services', down: ['messenger', 'discovery'] });
    expect(scene.screen).toContain('! messenger, discovery down: F5 starts what is down');
    expect(scene.presses('f5').effects).toEqual([{ do: 'restart' }]);
    expect(scene.screen).toContain('starting the services');
  });

  it('leaves on an empty line, and not while something is written', () => {
    const scene = withBob().types('x').presses('ctrl+c');
    expect(scene.effects).toEqual([]);
    expect(scene.presses('backspace', 'ctrl+c').effects).toEqual([{ do: 'quit' }]);
    expect(withBob().presses('ctrl+d').effects).toEqual([{ do: 'quit' }]);
    const pending = { id: message(4).id, peer: BOB, text: 'x' };
    const waiting = withBob().happens({ type: 'sending', pending }).presses('ctrl+c');
    expect([waiting.effects, waiting.screen]).toEqual([[], expect.stringContaining('Once more leaves')]);
    expect(waiting.presses('ctrl+c').effects).toEqual([{ do: 'quit' }]);
  });

  it('completes names and commands', () => {
    expect(withBob().types('ca').presses('tab').screen).toContain('> carol:');
    expect(withBob().types('/wh').presses('tab').screen).toContain('> /whois');
    expect(withBob().types('/whois b').presses('tab').screen).toContain('> /whois bob');
    const cycling = withBob().types('/a').presses('tab');
    expect(cycling.screen).toContain('> /accept');
    expect(cycling.presses('tab').screen).toContain('> /away');
    expect(cycling.presses('shift+tab').screen).toContain('> /accept');
  });

  it('completes paths, asked for where nothing else begins so', () => {
    const scene = withBob().types('look at ~/no').presses('tab');
    expect(scene.effects).toEqual([{ do: 'paths', beginning: '~/no' }]);
    scene.happens({ type: 'paths', beginning: '~/no', paths: ['~/notes/', '~/novel.txt'] });
    expect(scene.screen).toContain('> look at ~/notes/');
    expect(scene.presses('tab').screen).toContain('> look at ~/novel.txt');
    expect(withBob().types('//et').presses('tab').effects).toEqual([{ do: 'paths', beginning: '/et' }]);
    const late = withBob().types('./a').presses('tab').types('b');
    late.happens({ type: 'paths', beginning: './a', paths: ['./apple'] });
    expect(late.screen).toContain('> ./ab');
  });

  it('says in its help every key and every command that there is', () => {
    const scene = FullScene.ready({ rows: 400 }).presses('f1');
    for (const { name } of ACTIONS) expect(scene.screen).toContain(`[${name}]`);
    for (const { name } of COMMANDS) expect(scene.screen).toContain(`/${name}`);
    expect(FullScene.ready().says('/help whois').screen).toContain('/whois [name]');
  });

  it.each(COMMANDS.map(({ name, usage }) => [name, usage] as const))(
    'carries out /%s, or says how it goes',
    (name, usage) => {
      const argument =
        { accept: 'bob', msg: 'bob hi', search: 'words', connect: '192.0.2.1', nick: 'ann' }[name as string] ?? '';
      const scene = withBob();
      const before = scene.model;
      scene.says(`/${name} ${argument}`.trim());
      const isChanged =
        scene.model.overlay !== before.overlay || scene.model.notice !== null || scene.effects.length > 0;
      // The screen is empty, and that is all.
      expect([name, isChanged]).toEqual([name, name !== 'clear']);
      const isWrong = usage.startsWith('<') && argument === '';
      expect(scene.screen.includes(`It goes: /${name}`)).toBe(isWrong);
    },
  );

  it('does something with every key', () => {
    for (const { name, keys } of ACTIONS) {
      const scene = withBob().types('some words');
      for (const key of keys) expect(() => scene.presses(key)).not.toThrow();
      expect([name, scene.rows.length]).toEqual([name, 24]);
    }
  });
});

import {
  anna,
  bobIsChosen,
  done,
  down,
  ID,
  OTHER_ID,
  peer,
  received,
  running,
  scene,
  typed,
  unread,
  up,
} from '../../test/scene.js';
import { unanswered, type Effect, type PlainEvent } from './model.js';

describe('the start', () => {
  it('greets once the whole snapshot is there, and counts who is in it', () => {
    const start = scene().happens({ type: 'reset' }, anna, { type: 'peer', peer: peer('bob') });
    expect(start.lines).toEqual([]);
    expect(start.happens(up).lines).toEqual(['You are anna. 1 around: /peers shows them. /help lists the commands.']);
  });

  it('keeps what is typed before, and carries it out in order and one at a time', () => {
    const start = scene().happens(typed('@bob hi'), typed('/history'), anna);
    expect([start.lines, start.effects]).toEqual([[], []]);
    expect(start.happens(up).effects).toEqual([{ do: 'choose', query: 'bob', thenSend: 'hi' }]);
    expect(start.happens(bobIsChosen).effects).toEqual([]);
    expect(start.happens(done).effects).toEqual([{ do: 'history', query: ID }]);
  });

  it('asks for a name, and takes the suggestion for an empty line', () => {
    const start = scene().happens({ type: 'self', username: null }, up);
    expect(start.lines.at(-1)).toBe('What name should others see? An empty line takes: login');
    expect(start.happens(typed('')).effects).toEqual([{ do: 'register', name: 'login' }]);
    expect(start.happens(done, typed('ännchen ')).effects).toEqual([{ do: 'register', name: 'ännchen' }]);
    expect(start.happens(anna, done).lines[0]).toContain('You are anna.');
  });

  it('asks no more once a name was taken elsewhere', () => {
    const start = scene({ supervised: true }).happens({ type: 'self', username: null }, up, anna);
    expect(start.lines.at(-1)).toContain('You are anna.');
    expect(start.happens(bobIsChosen, typed('hello')).effects).toEqual([{ do: 'send', peer: ID, text: 'hello' }]);
  });

  it('has no suggestion where the login name cannot be one', () => {
    const start = scene({ suggestedName: null }).happens({ type: 'self', username: null }, up);
    expect(start.lines.at(-1)).toBe('What name should others see?');
    expect(start.happens(typed('')).effects).toEqual([]);
  });
});

it('says that messages are gone from this machine', () => {
  const other = running();
  expect(other.happens({ type: 'forgotten', peer: OTHER_ID }).lines).toEqual([
    expect.stringMatching(/^\* Messages with .+ were erased from this machine\.$/),
  ]);
});

describe('what somebody does', () => {
  it('is sent as it was typed, and shown behind the name of who does it', () => {
    expect(running().happens(typed('/me waves')).effects).toEqual([{ do: 'send', peer: ID, text: '/me waves' }]);
    expect(running().happens(received('/me waves')).lines).toEqual(['15:04 * bob waves']);
    const mine = received('/me waves', { direction: 'sent', state: 'queued' });
    expect(running().happens(mine).lines).toEqual(['15:04 you -> bob: * anna waves']);
  });

  it('needs somebody to see it, and something to do', () => {
    expect(scene().happens(anna, up, typed('/me waves')).lines).toContain('Not sent, nobody is chosen: /me waves');
    expect(running().happens(typed('/me')).lines).toEqual(['It goes: /me <what you do>']);
  });

  it('cannot pass for a line of the console, nor for another person', () => {
    const impostor = { type: 'peer', peer: peer('bob', { namesakeOf: { id: OTHER_ID, username: 'bob' } }) } as const;
    expect(running().happens(impostor, received('/me is\n* carol is here')).lines.at(-1)).toBe(
      '15:04 * bob (NOT the one you know) is\n  | * carol is here',
    );
  });
});

describe('what is read', () => {
  it('is what somebody wrote, or all of it, where the user says so', () => {
    const console = scene().happens(anna, { type: 'peer', peer: peer('bob') }, up, received('hi'));
    expect(console.happens(typed('/read')).lines).toEqual(['Nobody is chosen: /read <name>, or /read all']);
    expect(console.happens(typed('/read bob')).effects).toEqual([{ do: 'read', query: 'bob' }]);
    expect(console.happens({ type: 'read', peer: ID }, done).lines).toEqual(['What bob wrote is read.']);
    expect(console.happens(typed('')).lines[0]).not.toContain('unread');
    console.happens(received('again'), unread(1));
    expect(console.happens(typed('')).lines[0]).toContain('unread: 1 from bob');
    expect(console.happens(typed('/read all')).effects).toEqual([{ do: 'read-all', peers: [ID] }]);
    expect(console.happens(unread(0), done, typed('')).lines.join()).not.toContain('unread');
  });

  it('is known from before the console began, and said in the greeting and wherever one stands', () => {
    const begun = [anna, { type: 'peer', peer: peer('bob') } as const, unread(3), up];
    const console = scene().happens(...begun);
    expect(console.lines[1]).toBe('Unread: 3 from bob. /msg <name> shows it.');
    expect(
      scene()
        .happens(...begun, unread(1000), typed(''))
        .lines.at(-1),
    ).toContain('unread: 1000 or more from bob');
    expect(console.happens(typed('/peers')).lines[0]).toMatch(/bob .*3 unread/);
    expect(console.happens(bobIsChosen, unread(4), typed('')).lines.at(-1)).not.toContain('unread');
    // A snapshot says it anew.
    const other = scene().happens(...begun, { type: 'reset' }, up, typed(''));
    expect(other.lines.at(-1)).not.toContain('unread');
  });
});

it('what is down is started, and words are looked for', () => {
  expect(running().happens(down, typed('/restart')).effects).toEqual([{ do: 'restart' }]);
  expect(running().happens(typed('/search green bicycle')).effects).toEqual([{ do: 'search', words: 'green bicycle' }]);
});

describe('the bell', () => {
  const onTerminal = () => scene({ echo: false }).happens(anna, { type: 'peer', peer: peer('bob') }, up);

  it('rings for somebody who is not chosen, once for many lines, and never in a pipe or under the supervisor', () => {
    expect(onTerminal().happens(received('one'), received('two')).effects).toEqual([{ do: 'bell' }]);
    expect(onTerminal().happens(bobIsChosen, received('one')).effects).toEqual([]);
    expect(scene().happens(anna, up, received('one')).effects).toEqual([]);
    expect(scene({ echo: false, supervised: true }).happens(anna, up, received('one')).effects).toEqual([]);
  });

  it('is silent for whom one says, and can be asked about', () => {
    const console = onTerminal();
    expect(console.happens(typed('/notify bob off')).effects).toEqual([{ do: 'notify', query: 'bob', level: 'off' }]);
    const off = console.happens({ type: 'notify', peer: ID, level: 'off' }, done);
    expect(off.lines).toEqual(['When bob writes, nothing rings (in this console, until it ends).']);
    expect(off.happens(received('one')).effects).toEqual([]);
    expect(off.happens(typed('/notify bob')).effects).toEqual([{ do: 'notify', query: 'bob' }]);
    expect(off.happens(done, typed('/notify bob loud')).lines).toEqual(['A level is one of off, bell, desktop, text.']);
    expect(off.happens(typed('/notify')).lines).toEqual(['Nobody is chosen: /notify <name>']);
    expect(off.happens(bobIsChosen, typed('/notify bell')).effects).toEqual([
      { do: 'notify', query: ID, level: 'bell' },
    ]);
  });
});

describe('messages on their way', () => {
  const ID_OF_ONE = '7f137624-e42b-463c-808d-249fa47211be';

  it('are listed, taken back and explained', () => {
    const console = running();
    expect(console.happens(typed('/outbox')).effects).toEqual([{ do: 'outbox' }]);
    expect(console.happens(done, typed(`/cancel ${ID_OF_ONE.toUpperCase()} `)).effects).toEqual([
      { do: 'cancel', id: ID_OF_ONE },
    ]);
    expect(console.happens(done, typed(`/why ${ID_OF_ONE}`)).effects).toEqual([{ do: 'why', id: ID_OF_ONE }]);
  });

  it('have ids, and nothing else stands for one', () => {
    for (const word of ['/cancel', '/why']) {
      expect(running().happens(typed(word)).lines).toEqual([`It goes: ${word} <message-id>`]);
      const wrong = running().happens(typed(`${word} 7f137624`));
      expect([wrong.effects, wrong.lines]).toEqual([[], ['That is no message id: /outbox shows those of what waits.']]);
    }
  });

  it('that were taken back, here or elsewhere, are said to be gone', () => {
    const gone = running().happens({ type: 'state', id: ID_OF_ONE, peer: ID, state: 'cancelled' });
    expect(gone.lines).toEqual(['  (taken back: bob does not get it)']);
  });
});

describe('while the messenger is down', () => {
  it('says which service it is, keeps lines, and carries them out when it is back', () => {
    const console = running().happens(down);
    expect(console.lines[0]).toBe('! the messenger is not running: pm2 restart messenger');
    expect(console.happens(typed('one'), typed('two')).effects).toEqual([]);
    expect(unanswered(console.model)).toEqual(['one', 'two']);
    const back = console.happens(anna, up);
    expect(back.lines).toEqual(['* The messenger is back.']);
    expect(back.effects).toEqual([{ do: 'send', peer: ID, text: 'one' }]);
    expect(back.happens(done).effects).toEqual([{ do: 'send', peer: ID, text: 'two' }]);
    expect(unanswered(back.model)).toEqual(['two']);
    expect(unanswered(back.happens(done).model)).toEqual([]);
  });

  it('answers at once what needs no messenger', () => {
    const console = running().happens(down, typed('kept'));
    expect(console.happens(typed('/status')).effects).toEqual([{ do: 'status' }]);
    expect(console.happens(typed('/help')).lines.length).toBeGreaterThan(10);
    expect(console.happens(typed('')).lines.join('\n')).toContain('1 line you typed wait');
    expect(unanswered(console.model)).toEqual(['kept']);
  });

  it('answers it too where it was typed before that was known', () => {
    const console = scene().happens(typed('@bob hi'), typed('/status'), down);
    expect(console.effects).toEqual([{ do: 'status' }]);
    expect(unanswered(console.model)).toEqual(['@bob hi']);
  });

  it('does not leave with lines waiting unless asked twice', () => {
    const console = running().happens(down, typed('kept'), typed('/quit'));
    expect(console.effects).toEqual([]);
    expect(console.happens(typed('/quit')).effects).toEqual([{ do: 'quit' }]);
    expect(running().happens(down, typed('/quit')).effects).toEqual([{ do: 'quit' }]);
  });
});

it('does not count /quit among what is lost by leaving', () => {
  const console = running().happens(typed('/quit'));
  expect([console.effects, unanswered(console.model)]).toEqual([[{ do: 'quit' }], []]);
});

describe('the end of input', () => {
  it('comes after everything that was typed', () => {
    const console = scene().happens(typed('@bob hi'), { type: 'input-ended' }, anna, up);
    expect(console.effects).toEqual([{ do: 'choose', query: 'bob', thenSend: 'hi' }]);
    expect(console.happens(done).effects).toEqual([{ do: 'quit' }]);
  });

  it('waits for the messenger with what is kept, and for nothing else', () => {
    const kept = scene().happens(typed('@bob hi'), { type: 'input-ended' }, down);
    expect(kept.effects).toEqual([]);
    expect(scene().happens({ type: 'input-ended' }).effects).toEqual([]);
    expect(scene().happens({ type: 'input-ended' }, down).effects).toEqual([{ do: 'quit' }]);
  });

  it('ends it once: having left is no reason to leave', () => {
    const console = scene().happens({ type: 'input-ended' }, down);
    expect(console.effects).toEqual([{ do: 'quit' }]);
    expect(console.happens(done, anna, up, down, done).effects).toEqual([]);
  });

  it('begins nothing behind /quit', () => {
    const console = running().happens(typed('/quit'), typed('too late'));
    expect(console.happens(done).effects).toEqual([]);
    expect(unanswered(console.model)).toEqual(['too late']);
  });

  it('does not end the supervised console, and neither does /quit', () => {
    const console = running({ supervised: true }).happens(typed('/quit'), { type: 'input-ended' });
    expect(console.effects).toEqual([]);
    expect(console.lines[0]).toContain('supervisor');
  });
});

describe('a line', () => {
  it.each<[string, Effect]>([
    ['hello  there ', { do: 'send', peer: ID, text: 'hello  there ' }],
    ['//etc/hosts', { do: 'send', peer: ID, text: '/etc/hosts' }],
    ['@carol two  spaces', { do: 'choose', query: 'carol', thenSend: 'two  spaces' }],
    ['@carol', { do: 'choose', query: 'carol' }],
    ['/msg carol#abcd and  so', { do: 'choose', query: 'carol#abcd', thenSend: 'and  so' }],
    ['/msg carol', { do: 'choose', query: 'carol' }],
    ['/history', { do: 'history', query: ID }],
    ['/whois carol', { do: 'whois', query: 'carol' }],
    ['/accept carol', { do: 'trust', query: 'carol', trust: 'accepted' }],
    ['/accept', { do: 'trust', query: ID, trust: 'accepted' }],
    ['/block carol', { do: 'trust', query: 'carol', trust: 'blocked' }],
    ['/connect 192.0.2.7:7101', { do: 'connect', target: '192.0.2.7:7101' }],
    ['/nick ann', { do: 'register', name: 'ann' }],
    ['/status', { do: 'status' }],
    ['/logs', { do: 'logs' }],
    ['/quit', { do: 'quit' }],
  ])('%s is carried out', (line, effect) => {
    const { effects } = running().happens(typed(line));
    expect(effects).toEqual([effect]);
  });

  it.each([
    ['/hlep', 'There is no /hlep: did you mean /help?'],
    ['/msg', 'It goes: /msg <name> [text]'],
  ])('%s is explained', (line, expected) => {
    const { lines, effects } = running().happens(typed(line));
    expect([lines.join('\n').slice(0, expected.length), effects]).toEqual([expected, []]);
  });

  it('to nobody is shown again, since it went nowhere', () => {
    const { lines, effects } = scene().happens(anna, up, typed('precious'));
    expect([lines.some((line) => line.includes('precious')), effects]).toEqual([true, []]);
  });
});

describe('what happens', () => {
  it('shows a message with its time and counts it unless its sender is chosen', () => {
    const console = scene().happens(anna, { type: 'peer', peer: peer('bob') }, up);
    expect(console.happens(received('hi\nyou: forged')).lines).toEqual(['15:04 bob: hi\n  | you: forged']);
    console.happens(unread(1));
    expect(console.happens(typed('')).lines[0]).toContain('unread: 1 from bob');
    expect(console.happens(bobIsChosen, received('again'), unread(2), typed('')).lines.at(-1)).not.toContain('unread');
  });

  it('marks nothing read under the supervisor', () => {
    const console = running({ supervised: true }).happens(received('hi'), unread(1), bobIsChosen, typed(''));
    expect(console.lines.at(-1)).toContain('unread: 1 from bob');
  });

  it('adds the tag where two share a name, and where somebody has our own', () => {
    const twin = { type: 'peer', peer: peer('bob', { id: OTHER_ID }) } as const;
    expect(running().happens(twin, received('hi')).lines.at(-1)).toBe('15:04 bob#aaaaaaaaaa: hi');
    const namesake = { type: 'peer', peer: peer('anna') } as const;
    expect(scene().happens(anna, namesake, up, received('hi')).lines.at(-1)).toBe('15:04 anna#aaaaaaaaaa: hi');
  });

  it('says once what can be done about a stranger', () => {
    const stranger = { type: 'peer', peer: peer('bob', { trust: 'new' }) } as const;
    const console = scene().happens(anna, stranger, up, received('hi'), received('hello?'));
    expect(console.lines.filter((line) => line.includes('/accept bob or /block bob'))).toHaveLength(1);
  });

  it('tells who comes and goes, but not what a new snapshot repeats', () => {
    const console = running();
    const online = { type: 'peer', peer: peer('bob') } as const;
    const away = { type: 'peer', peer: peer('bob', { presence: 'away' }) } as const;
    expect(console.happens({ type: 'reset' }, anna, online).lines).toEqual([]);
    expect(console.happens(away, away, online).lines).toEqual(['* bob is away', '* bob is here']);
  });

  it('says in words what became of a message, and shows one from here again only where it is not on the screen', () => {
    const mine = received('hi', { direction: 'sent', state: 'queued' });
    const id = '00000000-0000-4000-8000-000000000001';
    const delivered = { type: 'state', id, peer: ID, state: 'delivered' } as const;
    const events = [{ type: 'sending', id } as const, mine, { ...delivered, state: 'sent' } as const, delivered];
    expect(running({ echo: false }).happens(...events).lines).toEqual(['  (delivered to bob)']);
    expect(running().happens(...events).lines).toEqual(['15:04 you -> bob: hi', '  (delivered to bob)']);
    const away = { type: 'peer', peer: peer('bob', { presence: 'away' }) } as const;
    expect(
      running({ echo: false })
        .happens(away, events[0] as PlainEvent, mine)
        .lines.at(-1),
    ).toContain('queued');
  });

  it('says of oneself what /away says, until /back', () => {
    const say = (busy: boolean, status: string) => [{ do: 'presence', busy, status }];
    expect(running().happens(typed('/away at lunch, back at one ')).effects).toEqual(
      say(true, 'at lunch, back at one'),
    );
    expect(running().happens(typed('/away')).effects).toEqual(say(true, ''));
    expect(running().happens(typed('/back')).effects).toEqual(say(false, ''));
  });

  it('shows what people say of themselves beside their names, and none of it as a command to the terminal', () => {
    const bob = { type: 'peer', peer: peer('bob', { busy: true, status: 'at\u001b[2J lunch' }) } as const;
    expect(running().happens(bob, typed('/peers')).lines).toEqual([
      '  online  bob  accepted  (busy: at\\u{1b}[2J lunch)',
    ]);
  });

  it('prints no control character of a name or a notice', () => {
    const evil = peer('b\u001b[2Job', { presence: 'away' });
    const console = running();
    const { lines } = console.happens(
      { type: 'peer', peer: evil },
      { type: 'peer', peer: { ...evil, presence: 'online' } },
      typed('/peers'),
      { type: 'notice', code: 'name-claimed', address: '192.0.2.9:7001', peer: OTHER_ID, username: 'b\u202eob' },
      typed('/\u001b[2J'),
    );
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

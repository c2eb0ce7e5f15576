// @ts-check
/** The page: the token, the conversations beside the messages, and events that keep both up to date. */
import { Api, ApiError } from './api.js';
import { ConversationList } from './conversation-list.js';
import { byId, element } from './dom.js';
import { follow } from './events.js';
import { MessagePane } from './message-pane.js';
import { showResults } from './search-results.js';
import { bringsToken, forgetToken, takeToken } from './token.js';

const token = takeToken();
if (token === null) lock('This page needs its access token');
else start(new Api(token));

addEventListener('hashchange', () => {
  if (bringsToken()) location.reload();
});

/** @param {Api} api */
function start(api) {
  byId('app').hidden = false;
  byId('search').hidden = false;
  const list = new ConversationList(byId('conversations'));
  /** @type {MessagePane | null} */
  let pane = null;

  // Loading and events one after the other: an event during a load is applied to what was loaded, not lost under it.
  let work = Promise.resolve();
  const inTurn = (/** @type {() => unknown} */ task) => {
    work = work.then(task).then(
      () => undefined,
      (err) => void showProblem(err),
    );
  };

  const openFromAddress = () => {
    const peer = /^#c=([a-z2-7]{52})$/.exec(location.hash)?.[1] ?? null;
    list.open(peer);
    document.body.classList.toggle('reading', peer !== null);
    pane = peer === null ? null : new MessagePane(api, list.get(peer), showProblem);
    if (pane === null)
      byId('content').replaceChildren(element('p', { class: 'empty quiet' }, 'Choose a conversation.'));
    return pane?.load();
  };
  addEventListener('hashchange', () => inTurn(openFromAddress));

  byId('search').addEventListener('submit', (event) => {
    event.preventDefault();
    const words = /** @type {HTMLInputElement} */ (byId('words')).value.trim();
    if (words === '') return;
    inTurn(async () => {
      const found = await api.search(words);
      history.replaceState(null, '', location.pathname);
      pane = null;
      list.open(null);
      document.body.classList.add('reading');
      showResults(words, found);
    });
  });

  void follow(api, {
    onOpen: (resumed) => {
      setStatus('live', 'live');
      if (resumed) return;
      inTurn(async () => {
        list.show(await api.conversations());
        await openFromAddress();
      });
    },
    onEvent: (event, fields) =>
      inTurn(async () => {
        if (event === 'message') {
          list.newest(fields);
          pane?.add(fields);
        } else if (event === 'state' && fields.state === 'cancelled') {
          pane?.remove(fields.id);
          // It may have been the newest of its conversation, or the only one.
          list.show(await api.conversations());
        } else if (event === 'forgotten') {
          list.show(await api.conversations());
          if (pane?.peer === fields.peer && !list.has(fields.peer)) history.replaceState(null, '', location.pathname);
          // The results of a search hold texts, too.
          if (pane === null || pane.peer === fields.peer) await openFromAddress();
        } else if (event === 'state') pane?.setState(fields.id, fields.state);
        else if (event === 'peer' && list.concerns(fields)) {
          list.show(await api.conversations());
          if (pane !== null) pane.warn(list.get(pane.peer));
        }
      }),
    onLost: showProblem,
  });
}

/** Says what is wrong. @param {unknown} err @returns {boolean} whether it may become right by itself */
function showProblem(err) {
  if (err instanceof ApiError && err.status === 401) {
    forgetToken();
    lock('The access token is not right, or not any more');
    return false;
  }
  if (err instanceof ApiError && err.code === 'history-not-ready')
    setStatus('waiting', 'waiting for the messenger to start');
  else if (err instanceof ApiError) setStatus('problem', err.message);
  else setStatus('problem', 'no connection to the log server, trying again');
  return true;
}

/** @param {string} title */
function lock(title) {
  byId('app').hidden = true;
  byId('search').hidden = true;
  byId('locked').hidden = false;
  byId('locked-title').textContent = title;
  setStatus('problem', '');
}

/** @param {'live' | 'waiting' | 'problem'} kind @param {string} text */
function setStatus(kind, text) {
  byId('status').className = kind;
  byId('status').textContent = text;
}

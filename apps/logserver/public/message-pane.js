// @ts-check
/** One conversation: messages oldest first, older ones on demand, new ones as they come. */
import { button, byId, element, nameOf, tagOf } from './dom.js';
import { daySeparator, messageRow, showState } from './message-row.js';

/** @typedef {import('./api.js').Message} Message */

/** So near the end that new messages should come into view. */
const NEAR_PX = 80;

export class MessagePane {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  /** The `before` of the next older page. @type {string | null} */
  #next = null;
  #list = element('ol', { class: 'messages', role: 'log', 'aria-live': 'polite' });
  #older = button('Show older messages', () => void this.#showOlder(), 'older');
  #below = button('↓ New messages', () => this.#toEnd(), 'below');
  #warning = element('div', { class: 'warning', role: 'alert' });
  #scroller = element('div', { class: 'scroller' }, this.#older, this.#list);

  /**
   * @param {import('./api.js').Api} api
   * @param {import('./api.js').Conversation} conversation
   * @param {(err: unknown) => void} onError
   */
  constructor(api, conversation, onError) {
    this.api = api;
    this.peer = conversation.peer;
    this.onError = onError;
    const back = element('a', { class: 'back', 'aria-label': 'Back to the conversations' }, '‹ Back');
    back.href = '#';
    const heading = element('h2', {}, nameOf(conversation), tagOf(this.peer));
    byId('content').replaceChildren(
      element('header', { class: 'about-conversation' }, back, heading, this.#exports()),
      this.#warning,
      this.#scroller,
      this.#below,
    );
    this.#below.hidden = true;
    this.warn(conversation);
    this.#scroller.addEventListener('scroll', () => {
      if (this.#isAtEnd()) this.#below.hidden = true;
    });
  }

  /** Two people under one name: says which of them this is. @param {import('./api.js').Conversation} conversation */
  warn({ peer, username, namesakeOf, claims = [] }) {
    const named = (/** @type {string} */ id, /** @type {string} */ name) => [
      nameOf({ peer: id, username: name }),
      tagOf(id),
    ];
    const lines = claims.map(({ id, username: name, address }) =>
      element(
        'p',
        {},
        'Somebody else calls themselves ',
        ...named(id, name),
        ` at ${address}. They are not in this conversation.`,
      ),
    );
    if (namesakeOf) {
      lines.push(
        element(
          'p',
          {},
          'This is not the one you know, who is ',
          ...named(namesakeOf, username),
          '. Trust nothing here before you compared: ',
          element('code', {}, `earshot verify ${peer.slice(0, 10)}`),
        ),
      );
    }
    this.#warning.replaceChildren(...lines);
    this.#warning.hidden = lines.length === 0;
  }

  async load() {
    const { items, next } = await this.api.messages(this.peer, null);
    this.#rows.clear();
    this.#list.replaceChildren();
    for (const message of items) this.#append(message);
    this.#setNext(next);
    this.#toEnd();
  }

  /** @param {Message} message */
  add(message) {
    if (message.peer !== this.peer || this.#rows.has(message.id)) return;
    const follow = this.#isAtEnd() || message.direction === 'sent';
    this.#append(message);
    if (follow) this.#toEnd();
    else this.#below.hidden = false;
  }

  /** @param {string} id @param {string} state */
  setState(id, state) {
    const row = this.#rows.get(id);
    if (row !== undefined) showState(row, state);
  }

  /** It was taken back, and is not in the history any more. @param {string} id */
  remove(id) {
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
  }

  async #showOlder() {
    this.#older.disabled = true;
    try {
      const { items, next } = await this.api.messages(this.peer, this.#next);
      const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
      for (const message of items.reverse()) this.#prepend(message);
      this.#setNext(next);
      // What was in view stays where it was.
      this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
    } catch (err) {
      this.onError(err);
    } finally {
      this.#older.disabled = false;
    }
  }

  /** @param {Message} message */
  #append(message) {
    const last = this.#list.lastElementChild;
    if (!(last instanceof HTMLElement) || last.dataset['day'] !== dayOf(message)) {
      this.#list.append(marked(daySeparator(message.committedAt), message));
    }
    this.#list.append(this.#row(message));
  }

  /** @param {Message} message */
  #prepend(message) {
    const first = this.#list.firstElementChild;
    if (first instanceof HTMLElement && first.dataset['day'] === dayOf(message)) first.after(this.#row(message));
    else this.#list.prepend(marked(daySeparator(message.committedAt), message), this.#row(message));
  }

  /** @param {Message} message */
  #row(message) {
    const row = marked(messageRow(message), message);
    this.#rows.set(message.id, row);
    return row;
  }

  /** @param {string | null} next */
  #setNext(next) {
    this.#next = next;
    this.#older.hidden = next === null;
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#below.hidden = true;
  }

  #exports() {
    const buttons = ['txt', 'html', 'json'].map((format) => button(format, () => void this.#save(format)));
    return element('p', { class: 'exports' }, element('span', { class: 'quiet' }, 'Save as'), ...buttons);
  }

  /** @param {string} format */
  async #save(format) {
    try {
      const link = element('a');
      link.href = URL.createObjectURL(await this.api.export(this.peer, format));
      link.download = `earshot-${this.peer.slice(0, 10)}.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (err) {
      this.onError(err);
    }
  }
}

/** @param {Message} message */
const dayOf = ({ committedAt }) => new Date(committedAt).toDateString();

/** @param {HTMLElement} row @param {Message} message */
function marked(row, message) {
  row.dataset['day'] = dayOf(message);
  return row;
}

// @ts-check
/** Everybody there are messages with, the newest conversation first. */
import { element, fold, nameOf, shortText, tagOf } from './dom.js';

/** @typedef {import('./api.js').Conversation} Conversation */
/** @typedef {import('./api.js').Message} Message */

export class ConversationList {
  /** @type {Map<string, { conversation: Conversation, row: HTMLElement, link: HTMLAnchorElement }>} */
  #entries = new Map();
  #list = element('ul');
  #none = element('p', { class: 'quiet' }, 'No messages yet. Those that you write or receive appear here.');
  /** @type {string | null} */
  #open = null;

  /** @param {HTMLElement} place */
  constructor(place) {
    // Not before it is known that there are none.
    this.#none.hidden = true;
    place.replaceChildren(this.#list, this.#none);
  }

  /** @param {Conversation[]} conversations newest first */
  show(conversations) {
    this.#entries.clear();
    this.#list.replaceChildren();
    for (const conversation of conversations.reverse()) this.#toTop(conversation);
    this.#none.hidden = this.#entries.size > 0;
    this.#tellApart();
  }

  /** @param {Message} message */
  newest({ peer, username, text, committedAt }) {
    const before = this.#entries.get(peer)?.conversation;
    const known = before?.username === username;
    this.#toTop({ ...before, peer, username, lastText: text, lastAt: committedAt });
    this.#none.hidden = true;
    if (!known) this.#tellApart();
  }

  /** Whether what is said of a person says something of a conversation: it is theirs, or goes by their name. @param {{ id: string, username: string }} person */
  concerns({ id, username }) {
    const name = fold(username);
    return [...this.#entries.values()].some(
      ({ conversation }) => conversation.peer === id || fold(conversation.username) === name,
    );
  }

  /** Marks the one that is open. @param {string | null} peer */
  open(peer) {
    if (this.#open !== null) this.#entries.get(this.#open)?.link.removeAttribute('aria-current');
    this.#open = peer;
    if (peer !== null) this.#entries.get(peer)?.link.setAttribute('aria-current', 'true');
  }

  /** @param {string} peer */
  has(peer) {
    return this.#entries.has(peer);
  }

  /** @param {string} peer @returns {Conversation} */
  get(peer) {
    return this.#entries.get(peer)?.conversation ?? { peer, username: '', lastText: null, lastAt: '' };
  }

  /** The row of a conversation that is there already stays the same element, and with it the focus. @param {Conversation} conversation */
  #toTop(conversation) {
    const { peer, lastAt, lastText } = conversation;
    let entry = this.#entries.get(peer);
    if (entry === undefined) {
      const link = element('a', {}, element('span', { class: 'name' }, nameOf(conversation)));
      link.href = `#c=${peer}`;
      entry = { conversation, link, row: element('li', {}, link) };
      this.#entries.set(peer, entry);
      if (peer === this.#open) link.setAttribute('aria-current', 'true');
    }
    entry.conversation = conversation;
    entry.link.replaceChildren(
      entry.link.firstElementChild ?? '',
      element('time', { class: 'quiet', datetime: lastAt }, shortText(lastAt)),
      element('span', { class: 'preview quiet', dir: 'auto' }, lastText ?? '…'),
    );
    if (this.#list.firstElementChild !== entry.row) this.#list.prepend(entry.row);
  }

  /** Names are not unique: those that are there twice get the beginning of their id. */
  #tellApart() {
    /** @type {Map<string, number>} */
    const uses = new Map();
    for (const { conversation } of this.#entries.values()) {
      const name = fold(conversation.username);
      uses.set(name, (uses.get(name) ?? 0) + 1 + (conversation.claims?.length ?? 0));
    }
    for (const { conversation, link } of this.#entries.values()) {
      const shared = conversation.username !== '' && (uses.get(fold(conversation.username)) ?? 0) > 1;
      const tag = shared || conversation.namesakeOf ? [tagOf(conversation.peer)] : [];
      const warning = conversation.namesakeOf ? [element('strong', { class: 'not-them' }, 'not the one you know')] : [];
      link.firstElementChild?.replaceChildren(nameOf(conversation), ...tag, ...warning);
    }
  }
}

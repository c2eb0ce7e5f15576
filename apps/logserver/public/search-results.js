// @ts-check
/** What a search found, newest first. */
import { byId, element, nameOf, shortText } from './dom.js';

/** @param {string} words @param {import('./api.js').Message[]} messages */
export function showResults(words, messages) {
  const back = element('a', { class: 'back', 'aria-label': 'Back to the conversations' }, '‹ Back');
  back.href = '#';
  const title = element(
    'h2',
    {},
    messages.length === 0 ? 'Nothing found for ' : 'Found for ',
    element('bdi', {}, words),
  );
  const rows = messages.map((message) => {
    const link = element(
      'a',
      {},
      element('span', { class: 'name' }, nameOf(message), message.direction === 'sent' ? ' · you wrote' : ''),
      element('time', { class: 'quiet', datetime: message.committedAt }, shortText(message.committedAt)),
      element('span', { class: 'text', dir: 'auto' }, message.text ?? ''),
    );
    link.href = `#c=${message.peer}`;
    return element('li', {}, link);
  });
  byId('content').replaceChildren(
    element('header', { class: 'about-conversation' }, back, title),
    element('div', { class: 'scroller' }, element('ul', { class: 'results' }, ...rows)),
  );
}

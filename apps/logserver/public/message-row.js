// @ts-check
/** One message, and the line between two days. */
import { dayText, element, exactText, nameOf, timeText } from './dom.js';

/** @typedef {import('./api.js').Message} Message */

const STATES = /** @type {Record<string, string>} */ ({
  queued: 'waiting to be sent',
  sent: 'sent, not confirmed yet',
  delivered: 'delivered',
  rejected: 'refused by the other side',
});

/** Clocks that differ by less are nobody's business. */
const CLOCK_DIFFERENCE_MS = 2 * 60_000;

/** @param {Message} message */
export function messageRow(message) {
  const { direction, text, committedAt, state } = message;
  const sent = direction === 'sent';
  const row = element(
    'li',
    { class: `message ${direction}` },
    element(
      'p',
      { class: 'about quiet' },
      element('b', {}, sent ? 'You' : nameOf(message)),
      ' ',
      element('time', { datetime: committedAt, title: timesText(message) }, timeText(committedAt)),
      ' ',
      element('span', { class: 'state' }),
    ),
    text === null
      ? element('p', { class: 'text quiet' }, 'Content that this version cannot show.')
      : element('p', { class: 'text', dir: 'auto' }, text),
  );
  if (sent) showState(row, state);
  return row;
}

/** @param {HTMLElement} row @param {string} state */
export function showState(row, state) {
  row.classList.toggle('pending', state === 'queued' || state === 'sent');
  row.classList.toggle('rejected', state === 'rejected');
  row.querySelector('.state')?.replaceChildren(`· ${STATES[state] ?? state}`);
}

/** @param {string} iso */
export function daySeparator(iso) {
  return element('li', { class: 'day quiet' }, element('span', {}, dayText(iso)));
}

/** The exact time, and the one that the sender claims where it is another. @param {Message} message */
function timesText({ direction, committedAt, sentAt }) {
  const exact = exactText(committedAt);
  const apart = Math.abs(Date.parse(committedAt) - Date.parse(sentAt)) > CLOCK_DIFFERENCE_MS;
  return apart && direction === 'received' ? `${exact}; written ${exactText(sentAt)}, says its sender` : exact;
}

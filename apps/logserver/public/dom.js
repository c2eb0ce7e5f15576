// @ts-check
/** Elements and dates. What people wrote only ever becomes text: nothing here takes markup. */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<Record<'class' | 'dir' | 'title' | 'type' | 'datetime' | 'aria-current' | 'aria-label' | 'aria-live' | 'role', string>>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {string} text @param {() => void} onClick @param {string} [className] */
export function button(text, onClick, className = '') {
  const made = element('button', { type: 'button', class: className }, text);
  made.addEventListener('click', onClick);
  return made;
}

/** One that the page certainly has. @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`bug: no element ${id}`);
  return found;
}

/** A name, which may be written from right to left, next to text that is not. @param {{ username: string, peer: string }} of */
export function nameOf({ username, peer }) {
  return element('bdi', {}, username === '' ? `#${peer.slice(0, 10)}` : username);
}

/** What tells people of one name apart. @param {string} peer */
export function tagOf(peer) {
  return element('small', { class: 'quiet', title: peer }, `#${peer.slice(0, 10)}`);
}

/** Names that may be taken for one another are the same here. @param {string} name */
export const fold = (name) => name.normalize('NFKC').toLowerCase().normalize('NFKC');

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });
const SHORT_DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const SHORT_DATE = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** @param {string} iso */
export const timeText = (iso) => TIME.format(new Date(iso));
/** @param {string} iso */
export const exactText = (iso) => EXACT.format(new Date(iso));

/** @param {string} iso */
export function dayText(iso) {
  const days = daysAgo(iso);
  return days === 0 ? 'Today' : days === 1 ? 'Yesterday' : DAY.format(new Date(iso));
}

/** The time for today, else the day, with the year where it is another. @param {string} iso */
export function shortText(iso) {
  if (daysAgo(iso) === 0) return timeText(iso);
  const date = new Date(iso);
  return (date.getFullYear() === new Date().getFullYear() ? SHORT_DAY : SHORT_DATE).format(date);
}

/** @param {string} iso */
function daysAgo(iso) {
  const midnight = (/** @type {Date} */ date) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  // Rounded, since a day may have 23 or 25 hours.
  return Math.round((midnight(new Date()) - midnight(new Date(iso))) / 86_400_000);
}

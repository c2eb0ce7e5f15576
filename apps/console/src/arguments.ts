/** Values on the command line. */
import { InvalidArgumentError } from 'commander';

export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !(value >= 1 && value <= 1_000_000))
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000000.');
  return value;
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > 86_400)
    throw new InvalidArgumentError('It must be a number of seconds from 0 to 86400.');
  return value;
}

/** A day begins where this machine is; a time without `Z` or an offset is of here, too. */
export function moment(text: string): Date {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(T(\d\d):(\d\d)(:(\d\d)(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const [, year, month, day, time] = parts ?? [];
  const date = new Date(time === undefined ? `${text}T00:00` : text);
  // Some dates that there are not, as the 30th of February, would be taken for later ones.
  const isOnCalendar = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (parts === null || !isOnCalendar || Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('It must be a date, for example 2026-11-27 or 2026-11-27T18:30.');
  return date;
}

export function messageId(text: string): string {
  const id = parseMessageId(text);
  if (id === undefined) throw new InvalidArgumentError('A message id is a UUID, for example from uuidgen.');
  return id;
}

/** Undefined where it is no message id. */
export function parseMessageId(text: string): string | undefined {
  const id = text.toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : undefined;
}

export function safetyNumber(text: string): string {
  const number = parseSafetyNumber(text);
  if (number === undefined)
    throw new InvalidArgumentError('A safety number is 60 digits, in 12 groups of 5: put it in quotes.');
  return number;
}

/** However the digits are grouped; undefined where it is no safety number. */
export function parseSafetyNumber(text: string): string | undefined {
  const digits = text.replace(/[\s"'-]/g, '');
  return /^\d{60}$/.test(digits) ? digits.match(/\d{5}/g)?.join(' ') : undefined;
}

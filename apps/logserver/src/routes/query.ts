import { PAGE_MAX_ROWS } from '@earshot/protocol';
import { z } from 'zod';
import { HttpError } from '../http/errors.js';

/** The rows of a page; 50 unless told, as in the console's commands. */
export const limit = z
  .string()
  .regex(/^[1-9]\d{0,2}$/)
  .transform(Number)
  .pipe(z.int().max(PAGE_MAX_ROWS))
  .default(50);

/**
 * Parameters as the schema wants them. A parameter that is not known is refused like a wrong one: a misspelt filter
 * would pass for a working one, and a token in an address ends up in histories and logs.
 *
 * @throws HttpError 400 that names the parameter, not what it was
 */
export function parseQuery<S extends z.ZodRawShape>(shape: S, query: unknown): z.output<z.ZodObject<S>> {
  const result = z.strictObject(shape).safeParse(query);
  if (result.success) return result.data;
  const name = result.error.issues[0]?.path[0];
  const known = Object.keys(shape);
  if (typeof name === 'string' && known.includes(name)) {
    throw new HttpError('bad-request', `the parameter "${name}" is missing or wrong`);
  }
  throw new HttpError(
    'bad-request',
    known.length === 0 ? 'no parameters here' : `the parameters are ${known.join(', ')}`,
  );
}

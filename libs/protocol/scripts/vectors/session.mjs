/** vectors/session.json, made by another implementation from fixed seeds. */
import { readFileSync } from 'node:fs';

export const session = JSON.parse(readFileSync(new URL('../../vectors/session.json', import.meta.url), 'utf8'));

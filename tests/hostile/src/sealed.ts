import { createHmac } from 'node:crypto';
import { sealFernet, type FernetKey } from '@earshot/crypto';
import type { RecordLayers } from './format.js';
import { patched } from './patches.js';

/** Seals, and changes what came out, from the inside out. */
export function sealed(
  key: FernetKey,
  plain: Buffer,
  layers: Pick<RecordLayers, 'token' | 'remac' | 'text'>,
  named: (name: string) => Buffer,
): Buffer {
  const raw = Buffer.from(sealFernet(key, plain).toString('latin1'), 'base64url');
  const changed = patched(raw, layers.token, named);
  const authenticated = changed.subarray(0, -32);
  const end = layers.remac ? createHmac('sha256', key.signing).update(authenticated).digest() : changed.subarray(-32);
  const text = Buffer.concat([authenticated, end]).toString('base64url');
  return patched(Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4, '='), 'latin1'), layers.text, named);
}

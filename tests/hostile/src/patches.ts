import type { Patch } from './format.js';
import { fill } from './template.js';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Changes a copy. A patch that lies outside of the bytes, or changes nothing, is a mistake in the corpus. */
export function patched(bytes: Buffer, patches: readonly Patch[] | undefined, named: (name: string) => Buffer): Buffer {
  return (patches ?? []).reduce<Buffer>((before, patch) => {
    const after = apply(before, patch, named);
    if (after.equals(before)) throw new Error(`a patch that changes nothing: ${JSON.stringify(patch)}`);
    return after;
  }, bytes);
}

function apply(bytes: Buffer, patch: Patch, named: (name: string) => Buffer): Buffer {
  if ('add' in patch) return Buffer.concat([bytes, fill(patch.add, named)]);
  if ('cut' in patch) return bytes.subarray(0, patch.cut);
  const at = patch.at < 0 ? bytes.length + patch.at : patch.at;
  const change = 'set' in patch ? fill(patch.set, named) : 'xor' in patch ? fill(patch.xor, named) : Buffer.alloc(1);
  if (at < 0 || at + change.length > bytes.length) throw new Error(`a patch outside of the ${bytes.length} bytes`);
  const copy = Buffer.from(bytes);
  change.forEach((byte, i) => {
    const old = bytes.readUInt8(at + i);
    copy[at + i] = 'set' in patch ? byte : 'xor' in patch ? old ^ byte : successor(old);
  });
  return copy;
}

function successor(character: number): number {
  return BASE64URL.charCodeAt(BASE64URL.indexOf(String.fromCharCode(character)) + 1);
}

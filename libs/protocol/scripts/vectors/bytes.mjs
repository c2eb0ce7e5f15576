/** Fields and entries that all vector files are made of. */

export const u8 = (n) => Buffer.from([n]);
export const u16 = (n) => uint(n, 2);
export const u32 = (n) => uint(n, 4);
export const u64 = (n) => uint(n, 8);
export const hex = (text) => Buffer.from(text, 'hex');
export const ascii = (text) => Buffer.from(text, 'latin1');
export const utf8 = (text) => Buffer.from(text, 'utf8');
export const cat = (...parts) => Buffer.concat(parts);
export const zeros = (n) => Buffer.alloc(n);
/** A copy with other bytes at an offset. */
export function patch(bytes, at, replacement) {
  const copy = Buffer.from(bytes);
  replacement.copy(copy, at);
  return copy;
}
export const tlv = (type, value) => cat(u8(type), u16(value.length), value);

function uint(n, size) {
  return hex(
    BigInt(n)
      .toString(16)
      .padStart(2 * size, '0'),
  );
}

export const STREAM = hex('0102030405060708');
export const MESSAGE_ID = hex('00112233445566778899aabbccddeeff');
export const SENT_MS = 1_760_000_000_123;

/**
 * Bytes as a file of the corpus writes them: words between spaces, one after the other.
 *
 *     7b22   7b*4096   u16:8192   u64:1   <stream>
 *
 * that is hex, hex so many times, a big-endian number, and what only the game knows (peer.ts says which names there are).
 */
const WORD =
  /^(?:(?<hex>(?:[0-9a-f]{2})+)(?:\*(?<times>\d+))?|u(?<bits>8|16|32|64):(?<number>\d+)|<(?<name>[a-zA-Z]+)>)$/;

const words = (template: string): string[] => template.split(' ').filter((word) => word !== '');

export function isTemplate(text: string): boolean {
  return words(text).every((word) => WORD.test(word));
}

export function fill(template: string, named: (name: string) => Buffer): Buffer {
  return Buffer.concat(words(template).map((word) => bytesOf(word, named)));
}

function bytesOf(word: string, named: (name: string) => Buffer): Buffer {
  const { hex, times, bits, number, name } = WORD.exec(word)?.groups ?? {};
  if (hex !== undefined) return Buffer.from(hex.repeat(Number(times ?? 1)), 'hex');
  if (name !== undefined) return named(name);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number ?? ''));
  return bytes.subarray(8 - Number(bits) / 8);
}

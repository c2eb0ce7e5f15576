/**
 * Message ids and streams are bytes on the wire and in the store, and strings in the program, where they are compared
 * and used as keys: an id as a UUID in lower case, a stream as 16 hex digits.
 */
export function idBytes(id: string): Buffer {
  return bytes(id.replaceAll('-', ''), 16);
}

export function idFromBytes(id: Buffer): string {
  const hex = id.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function streamBytes(stream: string): Buffer {
  return bytes(stream, 8);
}

export function streamFromBytes(stream: Buffer): string {
  return stream.toString('hex');
}

function bytes(hex: string, size: number): Buffer {
  const decoded = Buffer.from(hex, 'hex');
  if (decoded.length !== size || hex.length !== 2 * size)
    throw new Error(`bug: an identifier that is not ${size} bytes of hex`);
  return decoded;
}

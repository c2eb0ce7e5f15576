/** Message ids are 16 bytes on the wire and a UUID's text everywhere else; stream ids are 8 bytes and hex. */

export function messageIdBytes(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', ''), 'hex');
}

export function messageIdText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function streamBytes(stream: string): Buffer {
  return Buffer.from(stream, 'hex');
}

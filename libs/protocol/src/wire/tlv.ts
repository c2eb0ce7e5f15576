/** `type u8 | len u16 | value`, strictly ascending by type: the optional fields of handshake and announcement (wire-v1 §4.5). */
import { ProtocolError, type ProtocolErrorCode } from '../errors.js';

export interface Tlv {
  readonly type: number;
  readonly value: Buffer;
}

/** From this type on a field may not be skipped by who does not know it. */
const CRITICAL = 0x80;
const HEADER_BYTES = 3;

/** @param fields in ascending order of type */
export function encodeTlvs(fields: readonly Tlv[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ type, value }) => [Buffer.from([type, value.length >> 8, value.length & 0xff]), value]),
  );
}

/**
 * Splits a sequence of fields that fills `bytes` exactly; those of unknown types below 0x80 are left out.
 *
 * @throws ProtocolError with the code given: cut short, out of order, twice, or unknown and critical
 */
export function decodeTlvs(bytes: Buffer, known: readonly number[], code: ProtocolErrorCode): Tlv[] {
  const fields: Tlv[] = [];
  let previous = -1;
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < HEADER_BYTES) throw new ProtocolError(code, 'field cut short');
    const type = bytes.readUInt8(at);
    const end = at + HEADER_BYTES + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) throw new ProtocolError(code, `field ${type} cut short`);
    if (type <= previous) throw new ProtocolError(code, `field ${type} out of order`);
    if (known.includes(type)) fields.push({ type, value: bytes.subarray(at + HEADER_BYTES, end) });
    else if (type >= CRITICAL) throw new ProtocolError(code, `unknown field ${type}`);
    previous = type;
    at = end;
  }
  return fields;
}

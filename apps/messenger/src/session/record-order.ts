import { isKnownRecordType, ProtocolError, RECORD_TYPE } from '@earshot/protocol';

/**
 * Which record may come next from the peer (wire-v1 §5, "Order").
 *
 *     from the responder:   awaitingReady ──READY──▶ awaitingSync ──SYNC──▶ open
 *     from the initiator:                            awaitingSync ──SYNC──▶ open
 *     any ──CLOSE──▶ closed
 *
 * Pure. Anything not drawn here throws ProtocolError('bad-order').
 */
export type RecordOrder = 'awaitingReady' | 'awaitingSync' | 'open' | 'closed';

const WHEN_OPEN: readonly number[] = [
  RECORD_TYPE.msg,
  RECORD_TYPE.ack,
  RECORD_TYPE.reject,
  RECORD_TYPE.ping,
  RECORD_TYPE.pong,
  RECORD_TYPE.window,
  RECORD_TYPE.peers,
  RECORD_TYPE.probe,
  RECORD_TYPE.report,
];

export function nextOrder(state: RecordOrder, type: number): RecordOrder {
  if (state === 'closed') throw new ProtocolError('bad-order', 'record after CLOSE');
  if (type === RECORD_TYPE.close) return 'closed';
  if (state === 'awaitingReady' && type === RECORD_TYPE.ready) return 'awaitingSync';
  if (state === 'awaitingSync' && type === RECORD_TYPE.sync) return 'open';
  // A type this version does not know is ignored, but only where a known one could stand too.
  if (state === 'open' && (WHEN_OPEN.includes(type) || !isKnownRecordType(type))) return 'open';
  throw new ProtocolError('bad-order', `record type ${type} while ${state}`);
}

import type { Session } from '../session/session.js';

/**
 * What delivery needs of a session: records in order and without a gap, or the end of it. Nothing here is about bytes
 * or keys, so that the property tests can put a network of their own in between.
 */
export type DeliverySession = Pick<
  Session,
  | 'peerId'
  | 'isOpen'
  | 'isCongested'
  | 'sendMessage'
  | 'sendAck'
  | 'sendReject'
  | 'sendWindow'
  | 'cork'
  | 'uncork'
  | 'fail'
>;

/** The shapes that cross our own processes: one zod contract per service (spec/ipc-v1.md). */
export {
  SERVICE_NAMES,
  defineService,
  healthReply,
  type EventOf,
  type Health,
  type MethodName,
  type ParsedRequestOf,
  type ReplyOf,
  type RequestOf,
  type ServiceContract,
  type ServiceName,
} from './contract.js';
export {
  change,
  message,
  messageId,
  peerId,
  rosterEntry,
  type Change,
  type HeardAddress,
  type HeardBy,
  type HeardTimes,
  type Message,
  type MessageState,
  type OwnPresence,
  type Peer,
  type Presence,
  type RosterEntry,
  type Trust,
  type Unread,
} from './entities.js';
export { type LifeEvent, type OutboxCursor, type RejectReason, type Waiting } from './outbox.js';
export { discoveryContract, type DiscoveryContract } from './discovery.js';
export { messengerContract, type MessengerContract, type Reached } from './messenger.js';
export { consoleContract, logserverContract } from './presence-only.js';

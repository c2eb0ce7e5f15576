/** The sentence that a user reads for each code, with the way out. Nowhere else are these worded. */
import {
  MESSAGE_TEXT_MAX_BYTES,
  STATUS_TEXT_MAX_BYTES,
  USERNAME_MAX_CODE_POINTS,
  type IpcErrorCode,
} from '@earshot/protocol';

const SENTENCES: Record<IpcErrorCode, string> = {
  'bad-request':
    'the service did not understand this request: console and services may be of different versions, run `npm start`',
  'unknown-method': 'the running service is older than this console: run `npm start`',
  internal: 'the service failed on this request: its process log says why (`earshot config get` names the data folder)',
  'not-running': 'a service is not running: start it with `npm start`',
  'timed-out': 'no answer in time: try again, or see `earshot status`',
  'not-registered': 'not registered yet: choose a name with `earshot register <name>`',
  'bad-username': `this name cannot be used: letters and digits of any script, then also "_", "." and "-", no spaces, at most ${USERNAME_MAX_CODE_POINTS} characters`,
  'bad-status': `what you say of yourself is too long: at most ${STATUS_TEXT_MAX_BYTES} bytes of UTF-8`,
  'unknown-peer': 'nobody known goes by that name: `earshot peers` lists everybody',
  'ambiguous-peer': 'more than one person goes by that name: add the tag (* marks whom you have accepted)',
  'own-peer': 'that is you, and nobody else goes by it',
  'blocked-peer': 'this peer is blocked: `earshot unblock` first',
  'legacy-peer': 'this peer runs the original program, which cannot chat securely: ask them to install Earshot',
  'message-empty': 'the message is empty',
  'message-too-large': `the message is too long: at most ${MESSAGE_TEXT_MAX_BYTES} bytes of UTF-8`,
  'message-malformed': 'the message holds a character that cannot be sent (NUL, or half of a pair)',
  'id-conflict': 'another message already has this id: leave out --id, or draw a new one',
  'unknown-message': 'there is no message with this id here: `earshot outbox` and `history --json` show them',
  'received-message': 'this message was sent to you: only what you wrote can be taken back',
  'already-sent': 'it was sent already, so it cannot be taken back (`earshot why` says when)',
  'outbox-full': 'too much waits for this peer already: it must come online first',
  'store-failed': 'the history could not be written (is the disk full?): nothing was queued',
  unreachable:
    'nobody answers there: is the address right, is Earshot running there, is the port open in its firewall?',
  'wrong-peer': 'somebody else answers at that address',
  'wrong-safety-number':
    'that is not the number for the two of you: read it again; if it stays another one, somebody is in between, or you mean another person of that name. Nothing was changed',
  'not-blocked': 'this peer is not blocked: there is nothing to undo',
  'bad-address': 'that is not an address a peer can have: use host or host:port',
};

export function sentenceFor(code: IpcErrorCode): string {
  return SENTENCES[code];
}

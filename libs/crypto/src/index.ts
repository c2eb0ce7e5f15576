/** The cryptography of earshot/1, on node:crypto alone: Fernet, X25519, Ed25519 identities, HKDF, transcripts, peer ids and safety numbers. */
export { CryptoError, type CryptoErrorCode } from './errors.js';
export { erase } from './erase.js';
export { FernetKey } from './fernet-key.js';
export { openFernet, sealFernet, type OpenOptions, type SealOptions } from './fernet.js';
export { agree, generateX25519, x25519FromSeed, type X25519KeyPair } from './x25519.js';
export {
  generateIdentity,
  identityFromPem,
  identityFromSeed,
  identityToPem,
  sign,
  verify,
  type IdentityKey,
} from './ed25519.js';
export { checkCurvePoint, checkIdentityKey } from './identity-check.js';
export { equalBytes, expand, extract, mac } from './hkdf.js';
export { mixHash, startTranscript } from './transcript.js';
export { decodePeerId, encodePeerId } from './peer-id.js';
export { safetyNumber } from './safety-number.js';

/** What a file of the corpus says. README.md explains it for people; nothing that is not here may stand in one. */
import { z } from 'zod';
import { isTemplate } from './template.js';

const template = z.string().refine(isTemplate, 'not bytes as template.ts has them');

/** One change to bytes that were built as they should be; `at` counts from the end where it is negative. */
const patch = z.union([
  z.strictObject({ at: z.int(), set: template }),
  z.strictObject({ at: z.int(), xor: template }),
  /** The character becomes its successor in the base64url alphabet: bits that must be zero are not. */
  z.strictObject({ at: z.int(), successor: z.literal(true) }),
  /** So many bytes are kept, or so many taken off the end. */
  z.strictObject({ cut: z.int() }),
  z.strictObject({ add: template }),
]);
export type Patch = z.infer<typeof patch>;
const patches = z.array(patch).min(1).optional();

/** A sealed part, from the inside out. */
const tokenLayers = {
  /** The bytes of the token. */
  token: patches,
  /** The MAC is made again, so that only what was patched is wrong. */
  remac: z.literal(true).optional(),
  /** The characters of the token. */
  text: patches,
  /** All of the frame, its header too. */
  frame: patches,
};
const authLayers = {
  /** Who proves itself: the peer of the case where this is absent. `us` is the identity of the messenger that is played against. */
  as: z.enum(['another', 'us']).optional(),
  /** The payload, before it is signed. */
  pay: patches,
  signature: z.enum(['forged', 'by-another', 'other-role', 'other-label', 'without-pay']).optional(),
  mac: z.enum(['other-role', 'without-signature']).optional(),
  /** The key that seals it. */
  key: z.literal('theirs').optional(),
  /** pay | signature | mac. */
  sealed: patches,
  ...tokenLayers,
};
export type AuthLayers = z.infer<z.ZodObject<typeof authLayers>>;
const helloLayers = {
  /** HELLO_I, or HELLO_R up to its token, without the type byte. */
  hello: patches,
  /** Pretends that Diffie-Hellman gave this: what a share of low order makes of it is known to everybody. */
  secret: template.optional(),
  ...authLayers,
};
export type HelloLayers = z.infer<z.ZodObject<typeof helloLayers>>;
const recordLayers = {
  /** Padded to this size instead of the smallest that holds it. */
  size: z.int().optional(),
  plain: patches,
  key: z.enum(['theirs', 'next', 'first']).optional(),
  ...tokenLayers,
};
export type RecordLayers = z.infer<z.ZodObject<typeof recordLayers>>;

const recordType = z
  .string()
  .regex(/^(READY|SYNC|MSG|ACK|REJECT|PING|PONG|CLOSE|WINDOW|PEERS|PROBE|REPORT|[0-9a-f]{2})$/);
const times = z.int().positive().optional();
/** Steps without a name are on the first connection. */
const common = { on: z.string().optional() };
/** What is sent is kept under this name, to be sent again. */
const keep = { keep: z.string().optional() };

const step = z.union([
  /** `slowly`: a byte at a time, for longer than a handshake may take. */
  z.strictObject({ bytes: template, slowly: z.literal(true).optional(), ...common }),
  z.strictObject({ words: z.string(), ...common }),
  z.strictObject({ hello: z.strictObject(helloLayers), ...common, ...keep }),
  z.strictObject({ auth: z.strictObject(authLayers), ...common, ...keep }),
  /** The handshake, READY and both SYNCs, as it should be. */
  z.strictObject({ session: z.strictObject(authLayers), ...common }),
  z.strictObject({ record: recordType, body: template.optional(), times, ...recordLayers, ...common, ...keep }),
  /** A MSG; by default a text, under an id that follows from `n`. */
  z.strictObject({
    message: z.strictObject({
      n: z.int(),
      /** That of the message which would stand at this place. */
      id: z.int().optional(),
      stream: template.optional(),
      sentMs: z.int().optional(),
      ctype: z.int().optional(),
      content: template.optional(),
    }),
    ...common,
    ...keep,
  }),
  /** Takes the next frame, which must be this one. */
  z.strictObject({ await: z.string(), ...common, ...keep }),
  z.strictObject({ replay: z.string(), ...common }),
  z.strictObject({ end: z.enum(['fin', 'reset']), ...common }),
  /** What the user on the other side does about this peer. */
  z.strictObject({ user: z.enum(['accepts', 'blocks', 'writes']), ...common }),
]);
export type Step = z.infer<typeof step>;

const frames = z.array(z.string()).default([]);
const expectation = z.strictObject({
  /** The code of the refusal, or `closed-by-…` and `busy` for an orderly end; absent where the session goes on. */
  refused: z.string().optional(),
  /** Refused with this byte of the last step and not before; its last one where this is absent. */
  atByte: z.int().positive().optional(),
  /** Every frame that came and was taken by no step; WINDOW, which may come whenever, is left out. */
  answer: frames,
  /** What the history shows of this peer; null for what only a newer version can show. */
  history: z.array(z.string().nullable()).default([]),
  /** What the user is told. */
  told: z.array(z.string()).default([]),
});

export const caseFile = z.strictObject({
  about: z.string().min(1).max(140),
  /** A numbered rule of wire-v1.md, or a section where there is none. */
  rule: z.string().regex(/^(W-\d+\.\d+|§\d+(\.\d+)?)$/),
  /** Who opens the connection: the peer, or the messenger because its user typed `connect`. */
  peer: z.enum(['dials', 'listens']),
  steps: z.array(step).min(1),
  expect: expectation,
});
export type CaseFile = z.infer<typeof caseFile>;

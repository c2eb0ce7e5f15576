import { IPC_ERROR_CODES, IPC_MAX_BYTES } from '@earshot/protocol';
import { consoleContract, discoveryContract, logserverContract, messengerContract } from '@earshot/protocol/ipc';
import { answer, type Method } from '../../../../libs/ipc/dist/dispatch.js';
import { eventFrame, parseFrame, replyFrame } from '../../../../libs/ipc/dist/frames.js';
import { standardMethods } from '../../../../libs/ipc/dist/standard-methods.js';
import { assert, type Target } from '../target.js';
import { bytesOf, input, vectors } from './vectors.js';

const CONTRACTS = [messengerContract, discoveryContract, consoleContract, logserverContract];
const SERVICES = CONTRACTS.map(({ name }) => name);

/** Each service, with handlers that answer with what was asked. */
const services = CONTRACTS.map(
  ({ methods }) =>
    new Map<string, Method>(
      Object.entries<Pick<Method, 'request'>>({ ...methods, ...standardMethods }).map(([name, { request }]) => [
        name,
        { request, handle: (params) => params },
      ]),
    ),
);
const shapes = CONTRACTS.flatMap(({ methods }) =>
  Object.values<Pick<Method, 'request'> & { reply: Method['request'] }>(methods),
);

async function checkRequest(methods: ReadonlyMap<string, Method>, bytes: Buffer): Promise<void> {
  const errors: unknown[] = [];
  const text = await answer(methods, bytes, 0, (err) => errors.push(err));
  assert(errors.length === 0, 'a request is a mistake of ours');
  if (text === undefined) return;
  assert(Buffer.byteLength(text) <= IPC_MAX_BYTES, 'a reply is too large');
  const reply = parseFrame(replyFrame, Buffer.from(text));
  assert(reply !== undefined, 'a reply is no reply');
  assert(reply.ok || IPC_ERROR_CODES.includes(reply.error.code), 'a refusal has no code');
}

/** `0…3 | request to a service`, `4 | reply` or `5 | event` */
export const ipc: Target = {
  name: 'ipc',
  seeds: vectors('ipc').map((vector) => {
    const service = SERVICES.findIndex((name) => name === vector['service']);
    return input(vector['kind'] === 'request' ? service : vector['kind'] === 'reply' ? 4 : 5, bytesOf(vector));
  }),
  dictionary: [
    '"id":',
    '"method":',
    '"params":',
    '"deadlineMs":',
    '"ok":true',
    '"error":',
    '"code":',
    '"event":',
    '"__proto__":',
    'null',
    '1e999',
    '{}',
    '[]',
  ]
    .concat([...services.flatMap((methods) => [...methods.keys()])].map((name) => `"${name}"`))
    .concat([
      '"peer":',
      '"text":',
      '"limit":',
      '"after":',
      '"before":',
      '"query":',
      '"trust":',
      '"accepted"',
      '"timeoutMs":',
    ]),
  maxBytes: 2048,
  run: async (bytes) => {
    const mode = bytes[0] ?? 0;
    const rest = bytes.subarray(1);
    const methods = services[mode];
    if (methods !== undefined) {
      await checkRequest(methods, rest);
      return;
    }
    if (mode === 4) {
      const reply = parseFrame(replyFrame, rest);
      if (reply?.ok === true) for (const shape of shapes) shape.reply.safeParse(reply.result);
      return;
    }
    const event = parseFrame(eventFrame, rest)?.event;
    for (const contract of CONTRACTS) contract.event.safeParse(event);
  },
};

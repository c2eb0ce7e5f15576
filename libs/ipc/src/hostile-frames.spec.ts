import fc from 'fast-check';
import { IPC_ERROR_CODES, IpcError } from '@earshot/protocol';
import { discoveryContract, messengerContract } from '@earshot/protocol/ipc';
import { answer, type Method } from './dispatch.js';
import { eventFrame, parseFrame, replyFrame, requestFrame, type ReplyFrame } from './frames.js';
import { SnapshotPages } from './snapshot-pages.js';
import { standardMethods } from './standard-methods.js';

/** A messenger that answers with what it was asked, as its contract reads it. */
const echoes = new Map<string, Method>(
  Object.entries<Pick<Method, 'request'>>({ ...messengerContract.methods, ...standardMethods }).map(
    ([name, { request }]) => [name, { request, handle: (params) => params }],
  ),
);

const anyValue = fc.anything({ withBigInt: false, maxDepth: 3 });
const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const json = (value: object) => Buffer.from(JSON.stringify(value));
const fieldsOr = (field: string, known: fc.Arbitrary<unknown>) => ({ [field]: fc.oneof(known, anyValue) });

const requests = fc
  .record(
    {
      ...fieldsOr('id', fc.nat()),
      ...fieldsOr('method', fc.constantFrom(...echoes.keys(), '__proto__', 'toString')),
      ...fieldsOr('deadlineMs', fc.constant(1)),
      params: fc.oneof(
        anyValue,
        fc.record(
          { peer: anyValue, id: anyValue, text: fc.string(), limit: anyValue, query: fc.string(), after: anyValue },
          { requiredKeys: [] },
        ),
      ),
    },
    { requiredKeys: [] },
  )
  .map(json);
const replies = fc
  .record(
    { ...fieldsOr('id', fc.nat()), ...fieldsOr('ok', fc.boolean()), result: anyValue, error: anyValue },
    { requiredKeys: [] },
  )
  .map(json);
const events = fc
  .record(
    { instance: fc.oneof(fc.constant('0'.repeat(16)), anyValue), ...fieldsOr('sequence', fc.nat()), event: anyValue },
    { requiredKeys: [] },
  )
  .map(json);
/** Bytes of a frame with a few of them changed. */
const damaged = fc
  .tuple(fc.oneof(requests, replies, events), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
  .map(([frame, changes]) => {
    const bytes = Buffer.from(frame);
    for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
    return bytes;
  });
const frames = fc.oneof(requests, replies, events, damaged, anyBytes);

const hasKnownCode = (reply: ReplyFrame | undefined) =>
  reply?.ok !== false || IPC_ERROR_CODES.includes(reply.error.code);

describe('whatever comes instead of a frame', () => {
  it('is answered by a service with a reply that its callers can read, or not at all', async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(frames, async (bytes) => {
        const mistakes: unknown[] = [];
        const text = await answer(echoes, bytes, 0, (err) => mistakes.push(err));
        expect(mistakes).toEqual([]);
        const reply = text === undefined ? undefined : parseFrame(replyFrame, Buffer.from(text));
        kinds.add(reply === undefined ? 'none' : reply.ok ? 'result' : reply.error.code);
        expect(reply === undefined).toBe(text === undefined);
        expect(hasKnownCode(reply)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    // It did get through to the methods, and to their parameters.
    expect([...kinds]).toEqual(expect.arrayContaining(['none', 'result', 'bad-request', 'unknown-method']));
  });

  it('is a reply with a known code, an event with a number, or ignored, to a caller and a subscriber', () => {
    let understood = 0;
    fc.assert(
      fc.property(frames, (bytes) => {
        const reply = parseFrame(replyFrame, bytes);
        const event = parseFrame(eventFrame, bytes);
        expect(hasKnownCode(reply)).toBe(true);
        expect(event?.sequence ?? 1).toBeGreaterThan(0);
        if (reply !== undefined || event !== undefined) understood += 1;
        for (const { event: schema } of [messengerContract, discoveryContract])
          expect(typeof schema.safeParse(event?.event).success).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
    expect(understood).toBeGreaterThan(20);
  });

  it('does not become a property of every object', () => {
    const frame = Buffer.from(
      '{"id":1,"method":"health","deadlineMs":1,"params":{"__proto__":{"limit":7}},"__proto__":{"a":1}}',
    );
    expect(parseFrame(requestFrame, frame)).toMatchObject({ id: 1, method: 'health' });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

function outcomeOf(page: () => unknown): string {
  try {
    page();
    return 'a page';
  } catch (err) {
    if (err instanceof IpcError) return err.code;
    throw err;
  }
}

it('any cursor names a page, or nothing that is held', () => {
  const items = Array.from({ length: 40 }, (_, n) => ({ n, text: 'x'.repeat(10_000) }));
  const pages = new SnapshotPages(
    () => items,
    () => ({ instance: '0'.repeat(16), sequence: 1 }),
  );
  const { next } = pages.page(undefined);
  const [id = ''] = (next ?? '').split('.');
  const near = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.constantFrom('', '-0', '1e0', '0x1', 'length', '__proto__'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        near.map((index) => `${id}.${index}`),
      ),
      (cursor) => {
        expect(['a page', 'bad-request']).toContain(outcomeOf(() => pages.page(cursor)));
      },
    ),
    { numRuns: 1_000 },
  );
});

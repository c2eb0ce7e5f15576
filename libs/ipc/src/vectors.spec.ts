import { readFileSync, rmSync } from 'node:fs';
import { IPC_ERROR_CODES, IpcError } from '@earshot/protocol';
import {
  consoleContract,
  discoveryContract,
  messengerContract,
  type MessengerContract,
  type RequestOf,
} from '@earshot/protocol/ipc';
import { RawService, standsAt } from '../test/raw-service.js';
import { temporaryDirectory } from '../test/roster.js';
import { until } from '../test/until.js';
import { answer, type Method } from './dispatch.js';
import type { ReplyFrame } from './frames.js';
import { createClient, subscribe } from './index.js';
import { standardMethods } from './standard-methods.js';

interface Content {
  readonly name: string;
  readonly expect: string;
  readonly rule?: string;
  readonly why: string;
  readonly text?: string;
  readonly hex?: string;
}
interface RequestVector extends Content {
  readonly kind: 'request';
  readonly service: 'messenger' | 'discovery' | 'console';
  readonly nowMs: number;
  readonly params?: unknown;
}
interface ReplyVector extends Content {
  readonly kind: 'reply';
  readonly params: RequestOf<MessengerContract, 'send'>;
  readonly result?: unknown;
}
interface EventVector extends Content {
  readonly kind: 'event';
  readonly at: { instance: string; sequence: number };
  readonly event?: unknown;
}

const vectors = JSON.parse(readFileSync(new URL('../../protocol/vectors/ipc.json', import.meta.url), 'utf8')) as (
  RequestVector | ReplyVector | EventVector
)[];
const ofKind = <K extends string>(kind: K) =>
  vectors.filter((vector): vector is Extract<(typeof vectors)[number], { kind: K }> => vector.kind === kind);
const bytesOf = ({ text, hex = '' }: Content) => (text === undefined ? Buffer.from(hex, 'hex') : Buffer.from(text));
const contracts = { messenger: messengerContract, discovery: discoveryContract, console: consoleContract };

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

it('the vectors are there, refuse more than they accept, and give every refusal its rule and its reason', () => {
  expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  expect(vectors.filter(({ rule }) => rule !== undefined).length * 2).toBeGreaterThan(vectors.length);
  const outcomes: readonly string[] = ['success', 'skip', 'ignore', 'resync', ...IPC_ERROR_CODES];
  const incomplete = vectors.filter(
    (vector) =>
      vector.why === '' ||
      (vector.text === undefined) === (vector.hex === undefined) ||
      !outcomes.includes(vector.expect),
  );
  expect(incomplete).toEqual([]);
  const spec = readFileSync(new URL('../../protocol/spec/ipc-v1.md', import.meta.url), 'utf8');
  const rules = Array.from(spec.matchAll(/\[(I-\d+\.\d+)\]/g), ([, rule]) => rule);
  expect(rules.length).toBeGreaterThan(10);
  expect(new Set(vectors.flatMap(({ rule }) => rule ?? []))).toEqual(new Set(rules));
});

function codeOf(err: unknown): string {
  if (err instanceof IpcError) return err.code;
  throw err;
}

function outcomeOf(reply: ReplyFrame | undefined): { expect: string; params?: unknown } {
  if (reply === undefined) return { expect: 'ignore' };
  return reply.ok ? { expect: 'success', params: reply.result } : { expect: reply.error.code };
}

describe('a service and the request vector', () => {
  it.each(ofKind('request'))('$name: $expect', async (vector) => {
    const { methods } = contracts[vector.service];
    const echoes = new Map<string, Method>(
      Object.entries<Pick<Method, 'request'>>({ ...methods, ...standardMethods }).map(([name, { request }]) => [
        name,
        { request, handle: (params) => params },
      ]),
    );
    const errors: unknown[] = [];
    const text = await answer(echoes, bytesOf(vector), vector.nowMs, (err) => errors.push(err));
    expect(errors).toEqual([]);
    const reply = text === undefined ? undefined : (JSON.parse(text) as ReplyFrame);
    expect(outcomeOf(reply)).toEqual({ expect: vector.expect, params: vector.params });
  });
});

describe('a caller and the reply vector', () => {
  it.each(ofKind('reply'))('$name: $expect', async (vector) => {
    const service = new RawService(directory, 'messenger', ({ method }) =>
      method === 'send' ? bytesOf(vector) : standsAt(0)({ id: 1, method, params: {} }),
    );
    const client = createClient(messengerContract, { directory });
    const deadlineMs = vector.expect === 'ignore' ? 100 : 10_000;
    const outcome = await client.call('send', vector.params, { deadlineMs }).then(
      (result) => ({ expect: 'success', result }),
      (err: unknown) => ({ expect: codeOf(err).replace('timed-out', 'ignore') }),
    );
    client.close();
    service.close();
    expect(outcome).toEqual({ expect: vector.expect, ...(vector.result !== undefined && { result: vector.result }) });
  });
});

describe('a subscriber and the event vector', () => {
  it.each(ofKind('event'))('$name: $expect', async (vector) => {
    const { instance, sequence } = vector.at;
    const service = new RawService(directory, 'discovery', standsAt(sequence));
    const applied: unknown[] = [];
    let resets = 0;
    const subscription = subscribe(discoveryContract, {
      directory,
      onReset: () => (resets += 1),
      onEvent: (event) => applied.push(event),
    });
    await subscription.ready;
    // Two more, of the number that the vector has and of the next: which of them are applied shows what became of the vector.
    const probe = (key: string) => ({ event: 'roster.removed', key });
    await service.publish(bytesOf(vector));
    for (const [key, n] of [['same', 1] as const, ['next', 2] as const]) {
      await service.publish(JSON.stringify({ instance, sequence: sequence + n, event: probe(key) }));
    }
    const isLast = (event: unknown) => JSON.stringify(event) === JSON.stringify(probe('next'));
    await until('it is clear what became of it', () => resets === 2 || isLast(applied.at(-1)));
    subscription.close();
    service.close();
    const expected: Record<string, unknown[]> = {
      success: [vector.event, probe('next')],
      skip: [probe('next')],
      ignore: [probe('same'), probe('next')],
      resync: [],
    };
    expect({ resets, applied: resets === 1 ? applied : [] }).toEqual({
      resets: vector.expect === 'resync' ? 2 : 1,
      applied: expected[vector.expect],
    });
  });
});

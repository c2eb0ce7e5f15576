/** Publishes events on `<name>.events`, numbered, so that who missed one knows. */
import { randomBytes } from 'node:crypto';
import { IPC_MAX_BYTES } from '@earshot/protocol';
import type { Publisher } from 'zeromq';
import type { EventFrame } from './frames.js';
import { SendQueue } from './send-queue.js';
import { bindPublisher } from './sockets.js';
import type { Position } from './standard-methods.js';

export class EventPublisher {
  #publisher: Publisher | undefined;
  #queue: SendQueue | undefined;
  #position: Position = { instance: '', sequence: 0 };

  constructor(private readonly path: string) {}

  get position(): Position {
    return this.#position;
  }

  start(): void {
    this.#publisher = bindPublisher(this.path);
    this.#queue = new SendQueue(this.#publisher);
    this.#position = { instance: randomBytes(8).toString('hex'), sequence: 0 };
  }

  stop(): void {
    this.#publisher?.close();
    this.#publisher = undefined;
    this.#queue = undefined;
  }

  /** Nothing happens while stopped: whoever subscribes later gets a snapshot. */
  publish(event: unknown): void {
    if (this.#queue === undefined) return;
    const { instance, sequence } = this.#position;
    const frame: EventFrame = { instance, sequence: sequence + 1, event };
    const text = JSON.stringify(frame);
    const bytes = Buffer.byteLength(text);
    // ZeroMQ would close the connection of every subscriber, again and again.
    if (bytes > IPC_MAX_BYTES) throw new Error(`bug: an event of ${bytes} bytes`);
    this.#position = { instance, sequence: frame.sequence };
    this.#queue.push([text]);
  }
}

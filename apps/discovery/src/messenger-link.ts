import { type Client, createClient, subscribe, type Subscription } from '@earshot/ipc';
import { IpcError } from '@earshot/protocol';
import { messengerContract, type EventOf, type MessengerContract, type RequestOf } from '@earshot/protocol/ipc';

/** Whom we announce. */
export interface Self {
  readonly id: string;
  readonly username: string;
  readonly port: number;
  readonly busy: boolean;
  readonly status: string;
}

export interface MessengerLinkOptions {
  /** Where the services have their sockets. */
  readonly directory: string;
  /** There is somebody to announce, or something new to say of them; or undefined: nobody, or the messenger is gone. */
  readonly onSelf: (self: Self | undefined) => void;
}

/** A signature takes a fraction of a millisecond: a messenger that needs this long has other worries. */
const DEADLINE_MS = 2_000;
const NOBODY = 'nobody';

/**
 * The messenger as discovery sees it: it holds the keys, so it signs what we send and verifies what we hear; and it
 * knows whom the user accepted.
 */
export class MessengerLink {
  /** Ids of the people whom the user accepted or verified. The same set all the time: its content changes. */
  readonly accepted: ReadonlySet<string>;
  private readonly addresses = new Map<string, string>();
  /** Those addresses, asked for with every datagram; undefined while they have to be gathered anew. */
  private ips: ReadonlySet<string> | undefined;
  private readonly acceptedIds = new Set<string>();
  private readonly client: Client<MessengerContract>;
  private subscription: Subscription | undefined;
  private heard: Omit<EventOf<MessengerContract> & { event: 'self' }, 'event'> | undefined;
  private up = false;
  private stopped = false;
  private told = NOBODY;

  constructor(private readonly options: MessengerLinkOptions) {
    this.accepted = this.acceptedIds;
    this.client = createClient(messengerContract, { directory: options.directory, deadlineMs: DEADLINE_MS });
  }

  start(): void {
    this.subscription = subscribe(messengerContract, {
      directory: this.options.directory,
      onReset: () => {
        this.acceptedIds.clear();
        this.addresses.clear();
        this.ips = undefined;
      },
      onEvent: (event) => {
        this.apply(event);
      },
      onUp: () => {
        this.up = true;
        this.tell();
      },
      onDown: () => {
        this.up = false;
        this.tell();
      },
    });
  }

  stop(): void {
    this.stopped = true;
    this.subscription?.close();
    this.client.close();
  }

  /** Our own id, as soon as the messenger was ever there. */
  get ownId(): string | undefined {
    return this.heard?.id;
  }

  /** IPs at which accepted people were last found. */
  get rememberedIps(): string[] {
    return [...this.remembered];
  }

  /** Whether that is one of them. */
  isRemembered(ip: string): boolean {
    return this.remembered.has(ip);
  }

  /** The datagram, or undefined when the messenger cannot sign now. */
  async sign(request: RequestOf<MessengerContract, 'signAnnouncement'>): Promise<Buffer | undefined> {
    if (this.stopped) return undefined;
    const reply = await orUndefined(this.client.call('signAnnouncement', request));
    return reply === undefined ? undefined : Buffer.from(reply.datagram);
  }

  /** For each field the id that signed it, or null; undefined when the messenger cannot tell now. */
  async verify(items: string[]): Promise<readonly (string | null)[] | undefined> {
    if (this.stopped) return undefined;
    return (await orUndefined(this.client.call('verifyAnnouncements', { items })))?.ids;
  }

  private apply(event: EventOf<MessengerContract>): void {
    if (event.event === 'self') {
      const { id, username, port, busy, status } = event;
      this.heard = { id, username, port, busy, status };
      if (this.up) this.tell();
    } else if (event.event === 'peer' && event.id !== null) {
      const { id, trust, address } = event;
      const accepted = trust === 'accepted' || trust === 'verified';
      if (accepted) this.acceptedIds.add(id);
      else this.acceptedIds.delete(id);
      if (accepted && address !== '') this.addresses.set(id, address.slice(0, address.lastIndexOf(':')));
      else this.addresses.delete(id);
      this.ips = undefined;
    }
  }

  private get remembered(): ReadonlySet<string> {
    return (this.ips ??= new Set(this.addresses.values()));
  }

  /** A snapshot repeats what is known: only what differs is news. */
  private tell(): void {
    const { heard } = this;
    const self = this.up && heard?.username != null ? { ...heard, username: heard.username } : undefined;
    const news = self === undefined ? NOBODY : JSON.stringify(self);
    if (news === this.told) return;
    this.told = news;
    this.options.onSelf(self);
  }
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (err) {
    if (err instanceof IpcError) return undefined;
    throw err;
  }
}

import { join } from 'node:path';
import { Secret, type LogFields, type Logger } from '@earshot/runtime';
import { temporaryFolder } from '@earshot/testkit';
import { LogServer, type LogServerOptions } from '../src/log-server.js';
import { EventReader } from './event-reader.js';
import { FeedMessenger } from './feed-messenger.js';
import { WrittenHistory } from './written-history.js';

export const TOKEN = 'A'.repeat(43);

export interface ServedOptions {
  readonly limits?: LogServerOptions['limits'];
  /** Null for one in which nobody has registered, undefined for no history at all. */
  readonly username?: string | null | undefined;
}

interface Asked {
  readonly headers?: Record<string, string>;
  readonly method?: 'GET' | 'HEAD';
}

/** The real log server over a history that is really written, with a messenger that says when. */
export class ServedHistory {
  readonly file: string;
  readonly logged: { event: string; fields: LogFields }[] = [];
  readonly server: LogServer;
  readonly messenger: FeedMessenger;
  private readonly folder = temporaryFolder();
  private written: WrittenHistory | undefined;
  private readonly readers: EventReader[] = [];

  constructor({ limits = {} }: ServedOptions = {}) {
    this.file = join(this.folder.path, 'history.db');
    const sockets = join(this.folder.path, 'ipc');
    this.messenger = new FeedMessenger(sockets, () => this.written?.writer.lastSeq() ?? 0);
    this.server = new LogServer({
      historyFile: this.file,
      token: new Secret(TOKEN),
      host: '127.0.0.1',
      port: 0,
      sockets,
      version: '1.2.3',
      log: this.log(),
      limits,
    });
  }

  static async start(options: ServedOptions = { username: 'anna' }): Promise<ServedHistory> {
    const served = new ServedHistory(options);
    if (options.username !== undefined) served.write(options.username);
    await served.server.start();
    await served.messenger.start();
    return served;
  }

  /** Creates the history. */
  write(username: string | null = 'anna'): WrittenHistory {
    return (this.written = new WrittenHistory(this.file, username));
  }

  get history(): WrittenHistory {
    if (this.written === undefined) throw new Error('bug: nothing is written yet');
    return this.written;
  }

  get port(): number {
    return this.server.port;
  }

  /** With the token, unless other headers say otherwise. */
  get(path: string, { headers = {}, method = 'GET' }: Asked = {}): Promise<Response> {
    const all = { authorization: `Bearer ${TOKEN}`, ...headers };
    return fetch(`http://127.0.0.1:${this.port}${path}`, { method, headers: all });
  }

  async json(path: string): Promise<unknown> {
    const response = await this.get(path);
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  async events(lastEventId?: number, query = ''): Promise<EventReader> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
    const reader = new EventReader(await this.get(`/api/v1/events${query}`, { headers }));
    this.readers.push(reader);
    return reader;
  }

  /** What the messenger does after a commit. */
  announce(): void {
    this.messenger.announce(this.history.writer.lastSeq());
  }

  async close(): Promise<void> {
    for (const reader of this.readers) await reader.close();
    await this.messenger.stop();
    await this.server.stop();
    this.written?.close();
    this.folder.remove();
  }

  private log(): Logger {
    const write = (event: string, fields: LogFields = {}): void => {
      this.logged.push({ event, fields });
    };
    return { debug: write, info: write, warn: write, error: write, child: () => this.log() };
  }
}

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** A line of a process log, as far as it is about connections. */
export interface LogLine {
  readonly pid: number;
  readonly msg: string;
  readonly code?: string;
  readonly address?: string;
  /** The first characters of a peer id. */
  readonly peer?: string;
}

/** What a process has logged so far, each line read once. */
export class ProcessLog {
  private readonly parsed: LogLine[] = [];
  private at = 0;
  private rest = '';

  constructor(private readonly file: string) {}

  get lines(): readonly LogLine[] {
    if (existsSync(this.file)) this.readOn();
    return this.parsed;
  }

  /** With which codes connections with these addresses, and sessions with these peers, have ended since line `from`. */
  endings(addresses: readonly string[], peers: readonly string[], from = 0): string[] {
    return this.lines.slice(from).flatMap((line) => {
      const { msg, address = '', code = '' } = line;
      const isIt =
        (msg === 'connection refused' && addresses.includes(address)) ||
        (msg === 'session closed' && peers.some((peer) => isOf(line, peer)));
      return isIt ? [code] : [];
    });
  }

  /** Whether a session with this peer was open at any time since line `from`. */
  hadSession(peer: string, from: number): boolean {
    return this.lines.slice(from).some((line) => line.msg === 'session open' && isOf(line, peer));
  }

  private readOn(): void {
    const fd = openSync(this.file, 'r');
    const bytes = Buffer.alloc(fstatSync(fd).size - this.at);
    readSync(fd, bytes, 0, bytes.length, this.at);
    closeSync(fd);
    this.at += bytes.length;
    const lines = (this.rest + bytes.toString('utf8')).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.parsed.push(JSON.parse(line) as LogLine);
  }
}

function isOf(line: LogLine, peer: string): boolean {
  return line.peer !== undefined && peer.startsWith(line.peer);
}

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { basicEnvironment, type Host } from './host.js';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.js';

/**
 * Node has no raw sockets, and Python is on the machines that can run a lab. Writes each frame's payload bytes one after
 * the other: enough to search them, without a format to parse.
 */
const RECORDER = `
import socket, sys
ETH_P_ALL = 0x0003
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024 * 1024)
with open(sys.argv[1], 'wb', buffering=0) as out:
    print('recording', flush=True)
    while True:
        out.write(sock.recv(262144))
`;

/** All frames that passed a host's interfaces since the start. */
export class Capture {
  private constructor(
    private readonly recorder: ChildProcess,
    private readonly folder: TemporaryFolder,
  ) {}

  static async start(host: Host): Promise<Capture> {
    const folder = temporaryFolder();
    const recorder = host.spawn('python3', ['-c', RECORDER, join(folder.path, 'frames')], {
      env: basicEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const started = await Promise.race([
      once(recorder.stdout ?? recorder, 'data').then(() => true),
      once(recorder, 'exit').then(() => false),
    ]);
    if (!started) throw new Error('the traffic cannot be recorded: is python3 there?');
    return new Capture(recorder, folder);
  }

  /** Every byte so far. */
  bytes(): Buffer {
    return readFileSync(join(this.folder.path, 'frames'));
  }

  discard(): void {
    this.recorder.kill('SIGKILL');
    this.folder.remove();
  }
}

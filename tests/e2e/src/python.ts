import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, until, type BackgroundCommand, type Host } from '@earshot/testkit';
import { describeInLab } from './neighbourhood.js';

const INTEROP = join(repositoryRoot, 'tests/e2e/interop');

/** Fails where the second implementation cannot run: asyncio.timeout came with Python 3.11, the method with cryptography 40. */
const CAPABLE = [
  'from asyncio import timeout',
  'from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey',
  'Ed25519PublicKey.public_bytes_raw',
].join('; ');

/** What is missing; undefined where nothing is. */
const missing = ((): string | undefined => {
  try {
    execFileSync('python3', ['-c', CAPABLE], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'python3 ≥ 3.11 with the package cryptography ≥ 40 is missing';
  }
})();

/** Skips visibly where Python is missing, and fails where the check must not be skipped (.ci/run). */
export const pythonMayBeMissing =
  missing !== undefined && process.env['EARSHOT_REQUIRE_VECTORS'] !== '1' ? missing : undefined;

/** Tests in network namespaces with such a peer; where something is missing they are skipped, and the title says what. */
export const describeInLabWithPython = (title: string, tests: () => void): void => {
  if (pythonMayBeMissing === undefined) describeInLab(title, tests);
  else describe.skip(`${title} (skipped: ${pythonMayBeMissing})`, tests);
};

/** Somebody who runs an implementation of earshot/1 that shares no code with ours. */
export class PythonPeer {
  private constructor(
    private readonly command: BackgroundCommand,
    readonly id: string,
  ) {}

  static async start(host: Host, name: string, folder: string, args: readonly string[]): Promise<PythonPeer> {
    const state = join(folder, `python-${name}`);
    mkdirSync(state, { recursive: true });
    // The same name is the same person again.
    const seed = Buffer.alloc(32, name).toString('hex');
    const command = host.background('python3', [
      '-B',
      join(INTEROP, 'earshot_peer.py'),
      ...['--name', name, '--identity-seed', seed, '--state', state],
      ...args,
    ]);
    const line = await command.line(`${name} says who it is`, (text) => text.includes('"identity"'));
    return new PythonPeer(command, (JSON.parse(line) as { id: string }).id);
  }

  events(kind: string): Record<string, unknown>[] {
    return this.command.json.filter((event) => event['event'] === kind);
  }

  event(kind: string): Promise<Record<string, unknown>> {
    return until(
      `the event ${kind} of the python peer; so far ${this.command.lines.join('\n')}`,
      () => this.events(kind)[0],
    );
  }

  ended(): Promise<number | null> {
    return this.command.ended();
  }

  async stop(): Promise<void> {
    await this.command.stop('SIGTERM');
  }
}

/** Somebody in between two others, with a key of their own. */
export function relay(host: Host, args: readonly string[]): BackgroundCommand {
  return host.background('python3', ['-B', join(INTEROP, 'relay.py'), ...args]);
}

/** The course program's network behaviour. */
export function original(host: Host, args: readonly string[]): BackgroundCommand {
  return host.background('python3', ['-B', join(INTEROP, 'original.py'), ...args]);
}

export const checkVectors = join(INTEROP, 'check_vectors.py');

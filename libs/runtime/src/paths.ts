import { createHash } from 'node:crypto';
import { homedir, tmpdir } from 'node:os';
import { posix, win32, type PlatformPath } from 'node:path';
import { IPC_PATH_MAX_BYTES } from '@earshot/protocol';
import { ConfigError } from './config-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where everything of one profile lives. Working it out touches no file; `prepareDataFolder` creates it. */
export interface DataFolder {
  readonly profile: string;
  readonly home: string;
  /** The user's settings, JSON. */
  readonly config: string;
  readonly identity: string;
  readonly history: string;
  readonly httpToken: string;
  /** Process logs. */
  readonly logs: string;
  /** Single-instance locks. In the data folder, whatever the environment says about sockets: they guard its files. */
  readonly locks: string;
  /** Unix sockets of the services; elsewhere when their paths would be too long. */
  readonly sockets: string;
}

/** What the paths depend on besides the environment. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly homedir: string;
  readonly tmpdir: string;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
}

const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const LONGEST_SOCKET_NAME = 'messenger.events';
/** sun_path of macOS and the BSDs has 104 bytes, Linux 108; one is the terminating NUL. */
const SHORT_SOCKET_PATH_BYTES = 103;

/** @throws ConfigError for a profile name or a data folder that cannot be one. */
export function dataFolder(env: Environment, machine: Machine = thisMachine()): DataFolder {
  const profile = env['EARSHOT_PROFILE'] || 'default';
  if (!PROFILE_NAME.test(profile)) {
    throw new ConfigError(
      'EARSHOT_PROFILE must be 1 to 32 letters, digits, "_" or "-" and start with a letter or digit, for example EARSHOT_PROFILE=anna',
    );
  }
  const path = pathOf(machine);
  const chosen = env['EARSHOT_HOME'] || path.join(applicationData(env, machine), 'earshot', profile);
  // Relative, it would be another folder for every process and shell.
  if (!path.isAbsolute(chosen)) {
    throw new ConfigError('EARSHOT_HOME must be an absolute path, for example EARSHOT_HOME=/srv/earshot');
  }
  // One spelling, since the short sockets folder is named after it.
  const home = path.resolve(chosen);
  return {
    profile,
    home,
    config: path.join(home, 'config.json'),
    identity: path.join(home, 'identity.key'),
    history: path.join(home, 'history.db'),
    httpToken: path.join(home, 'http-token'),
    logs: path.join(home, 'logs'),
    locks: path.join(home, 'locks'),
    sockets: socketsFolder(home, env, machine),
  };
}

/** The name of a service under pm2: plain for the default profile, so that `pm2 restart messenger` works. */
export function supervisedName(profile: string, service: string): string {
  return profile === 'default' ? service : `${profile}-${service}`;
}

function thisMachine(): Machine {
  return { platform: process.platform, homedir: homedir(), tmpdir: tmpdir(), uid: process.getuid?.() };
}

function pathOf({ platform }: Machine): PlatformPath {
  return platform === 'win32' ? win32 : posix;
}

function applicationData(env: Environment, { platform, homedir }: Machine): string {
  if (platform === 'win32') return env['LOCALAPPDATA'] || win32.join(homedir, 'AppData', 'Local');
  if (platform === 'darwin') return posix.join(homedir, 'Library', 'Application Support');
  const xdg = env['XDG_DATA_HOME'];
  // The XDG Base Directory Specification: a relative path is invalid and ignored.
  return xdg && posix.isAbsolute(xdg) ? xdg : posix.join(homedir, '.local', 'share');
}

/**
 * `<home>/ipc` if the longest socket path fits; else a folder whose short name is drawn from the data folder, so that
 * every process finds it without asking.
 */
function socketsFolder(home: string, env: Environment, machine: Machine): string {
  const path = pathOf(machine);
  const maxBytes = machine.platform === 'linux' ? IPC_PATH_MAX_BYTES : SHORT_SOCKET_PATH_BYTES;
  const fits = (folder: string): boolean => Buffer.byteLength(path.join(folder, LONGEST_SOCKET_NAME)) <= maxBytes;

  const own = path.join(home, 'ipc');
  if (fits(own)) return own;
  const short = `earshot-${machine.uid ?? 0}-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;
  const candidates = [env['XDG_RUNTIME_DIR'], machine.tmpdir]
    .filter((base): base is string => base !== undefined && path.isAbsolute(base))
    .map((base) => path.join(base, short));
  const folder = candidates.find(fits);
  if (folder === undefined) {
    throw new ConfigError(
      `data folder ${home}: its path is too long for Unix sockets, and so is the temporary folder's: set EARSHOT_HOME to a shorter path`,
    );
  }
  return folder;
}

import { isIPv4 } from 'node:net';
import { DISCOVERY_PORT } from '@earshot/protocol';
import { z } from 'zod';
import { interfaceList, peerList, type PeerAddress } from './setting-lists.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The settings kept in config.json, under these names, and overridden by their environment variables. */
export interface StoredSettings {
  /** Registers without asking, while there is no name yet. Only known not to be blank: what a username may be is the protocol's rule. */
  readonly username: string | null;
  /** TCP; the HTTP server takes the next one. */
  readonly port: number;
  readonly httpHost: string;
  readonly policy: 'requests' | 'open';
  readonly exchange: 'on' | 'off';
  readonly discoveryPort: number;
  readonly peers: readonly PeerAddress[];
  /** Names to use, or `!name` to skip; empty for all usable ones. */
  readonly interfaces: readonly string[];
  readonly logLevel: LogLevel;
  /** Of the full screen: `action=key,key action=key`; the console knows the actions. */
  readonly keys: string;
  readonly theme: 'dark' | 'light' | 'none';
  readonly notify: 'off' | 'bell' | 'desktop' | 'text';
}
export type SettingKey = keyof StoredSettings;

/** A setting as a person meets it. */
export interface SettingDescription {
  readonly variable: `EARSHOT_${string}`;
  /** As text; empty for none. */
  readonly default: string;
  /** Completes "it must be …". */
  readonly must: string;
  readonly meaning: string;
  readonly example: string;
}

export interface Setting<T> extends SettingDescription {
  /** From text, which is what the environment and the command line have. */
  readonly schema: z.ZodType<T, string>;
}

/** Decide where config.json is, and so cannot be in it; read by `dataFolder`. */
export const PLACE_SETTINGS: readonly SettingDescription[] = [
  {
    variable: 'EARSHOT_PROFILE',
    default: 'default',
    must: '1 to 32 letters, digits, "_" or "-", and start with a letter or digit',
    meaning: 'Several people (or tests) on one machine: own data folder, own names under pm2',
    example: 'anna',
  },
  {
    variable: 'EARSHOT_HOME',
    default: '$XDG_DATA_HOME/earshot/<profile>',
    must: 'an absolute path',
    meaning: 'The data folder',
    example: '/srv/earshot',
  },
];

export const SETTINGS: { readonly [K in SettingKey]: Setting<StoredSettings[K]> } = {
  username: {
    variable: 'EARSHOT_USERNAME',
    default: '',
    must: 'a username',
    meaning: 'Registers this name without asking, only while there is no name yet',
    example: 'anna',
    schema: z
      .string()
      .regex(/^$|\S/)
      .transform((text) => (text === '' ? null : text)),
  },
  port: {
    variable: 'EARSHOT_PORT',
    default: '7001',
    must: 'a whole number from 1024 to 65534',
    meaning: 'TCP port for messages, on all interfaces; the HTTP server is always on the next one',
    example: '7101',
    // 65534, since the next one must exist too.
    schema: portNumber(1024, 65534),
  },
  httpHost: {
    variable: 'EARSHOT_HTTP_HOST',
    default: '127.0.0.1',
    must: 'a loopback address (127.0.0.1, ::1 or localhost): serving others needs TLS, which is not there yet',
    meaning: 'Address of the HTTP server',
    example: '127.0.0.1',
    schema: z.string().refine(isLoopback),
  },
  policy: {
    variable: 'EARSHOT_POLICY',
    default: 'requests',
    must: '"requests" or "open"',
    meaning: 'What happens to messages of strangers: kept aside until you accept them, or accepted at once',
    example: 'open',
    schema: z.enum(['requests', 'open']),
  },
  exchange: {
    variable: 'EARSHOT_EXCHANGE',
    default: 'on',
    must: '"on" or "off"',
    meaning: 'Whether people whom you accepted may tell theirs where you are, beyond the local network',
    example: 'off',
    schema: z.enum(['on', 'off']),
  },
  discoveryPort: {
    variable: 'EARSHOT_DISCOVERY_PORT',
    default: String(DISCOVERY_PORT),
    must: 'a whole number from 1024 to 65535',
    meaning: 'UDP port for announcements; everybody on the network must use the same',
    example: '6104',
    schema: portNumber(1024, 65535),
  },
  peers: {
    variable: 'EARSHOT_PEERS',
    default: '',
    must: 'host or host:port, several separated by commas',
    meaning: 'People beyond the local network',
    example: '192.0.2.7,anna.example.org:7101',
    schema: peerList,
  },
  interfaces: {
    variable: 'EARSHOT_INTERFACES',
    default: '',
    must: 'interface names, or !name for one to skip, separated by commas',
    meaning: 'Network interfaces to announce on; all usable ones when empty',
    example: '!docker0,!tailscale0',
    schema: interfaceList,
  },
  logLevel: {
    variable: 'EARSHOT_LOG_LEVEL',
    default: 'info',
    must: `one of ${LOG_LEVELS.join(', ')}`,
    meaning: 'How much the process logs say; never what people say',
    example: 'debug',
    schema: z.enum(LOG_LEVELS),
  },
  keys: {
    variable: 'EARSHOT_KEYS',
    default: '',
    must: 'like "jump=ctrl+g help=f1,f2": actions as the help (F1) names them, and keys',
    meaning: 'Keys of the full-screen console, in place of the usual ones of those actions',
    example: 'jump=ctrl+g',
    schema: z.string().regex(/^\s*(?:[a-z-]+=\S*(?:\s+|$))*$/),
  },
  theme: {
    variable: 'EARSHOT_THEME',
    default: 'dark',
    must: '"dark", "light" or "none"',
    meaning: 'Colours of the full-screen console, for a dark or a light terminal, or none (NO_COLOR does that too)',
    example: 'light',
    schema: z.enum(['dark', 'light', 'none']),
  },
  notify: {
    variable: 'EARSHOT_NOTIFY',
    default: 'bell',
    must: '"off", "bell", "desktop" or "text"',
    meaning:
      'What tells of a message in the full-screen console: the bell, a notification with the name, or with the text',
    example: 'desktop',
    schema: z.enum(['off', 'bell', 'desktop', 'text']),
  },
};

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** Not settings: switches of the test suite that may stand in the environment. */
export const TEST_VARIABLES = ['EARSHOT_REQUIRE_VECTORS', 'EARSHOT_PROPERTY_RUNS', 'EARSHOT_PROPERTY_SEED'] as const;

function portNumber(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Everything that reads what somebody else wrote, by name; each is loaded when its turn comes. */
import type { Target } from '../target.js';

export const TARGETS: Readonly<Record<string, () => Promise<Target>>> = {
  frames: async () => (await import('./frames.js')).frames,
  hellos: async () => (await import('./handshake.js')).hellos,
  'auth-payloads': async () => (await import('./handshake.js')).authPayloads,
  records: async () => (await import('./records.js')).records,
  bodies: async () => (await import('./records.js')).bodies,
  datagrams: async () => (await import('./presence.js')).datagrams,
  announcements: async () => (await import('./presence.js')).announcements,
  fernet: async () => (await import('./crypto.js')).fernet,
  identities: async () => (await import('./crypto.js')).identities,
  ipc: async () => (await import('./ipc.js')).ipc,
  http: async () => (await import('./http.js')).openHttp(),
  settings: async () => (await import('./settings.js')).settings,
  'command-lines': async () => (await import('./console.js')).commandLines,
  'typed-lines': async () => (await import('./console.js')).typedLines,
  terminal: async () => (await import('./console.js')).terminal,
};

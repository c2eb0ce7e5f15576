/** What you say of yourself to everybody around: `earshot presence`. */
import { printJson, printLines } from '../output.js';
import { withMessenger } from '../services/connection.js';
import { ownPresenceLines } from '../text/lines.js';

export interface PresenceOptions {
  readonly json?: boolean;
  readonly busy?: boolean;
  readonly free?: boolean;
  readonly text?: string;
  readonly clear?: boolean;
}

/** What is not named stays as it is; where nothing is named, it is only shown. */
export function presence({ json, busy, free, text, clear }: PresenceOptions): Promise<void> {
  const change = {
    ...(clear === true ? { busy: false, status: '' } : {}),
    ...(busy === true || free === true ? { busy: busy === true } : {}),
    ...(text === undefined ? {} : { status: text }),
  };
  return withMessenger(async ({ messenger }) => {
    const shows = Object.keys(change).length === 0;
    const now = await (shows ? messenger.call('presence', {}) : messenger.call('setPresence', change));
    if (json === true) printJson({ busy: now.busy, status: now.status });
    else printLines(ownPresenceLines(now));
  });
}

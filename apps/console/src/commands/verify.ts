/** Who somebody really is: `earshot verify`. */
import { note, printJson, printLines } from '../output.js';
import { withMessenger } from '../services/connection.js';
import { resolvePeer } from '../services/peers.js';
import { taggedName } from '../text/lines.js';
import { safetyNumberLines } from '../text/trust.js';

export interface VerifyOptions {
  readonly json?: boolean;
  /** What the other side sees, as 12 groups of 5 digits. */
  readonly confirm?: string;
}

export function verify(who: string, { json, confirm }: VerifyOptions): Promise<void> {
  return withMessenger(async ({ messenger }) => {
    const { id } = await resolvePeer(messenger, who);
    if (confirm !== undefined) await messenger.call('verify', { peer: id, safetyNumber: confirm });
    const answer = await messenger.call('safetyNumber', { peer: id });
    if (json === true) printJson(answer);
    else if (confirm === undefined)
      printLines(safetyNumberLines(answer, `earshot verify ${taggedName(answer)} --confirm`));
    else note(`${taggedName(answer)} is verified: the numbers are the same`);
  });
}

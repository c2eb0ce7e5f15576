/** Why nobody appears, or why somebody does not: looks, tries, and names the cause with the way out. */
import { EXIT } from '@earshot/runtime';
import { findingsOf, isProblem, type Finding } from '../doctor/findings.js';
import type { Facts } from '../doctor/facts.js';
import { gather } from '../doctor/gather.js';
import { CommandError, printJson, printLines } from '../output.js';
import { asCommandError, profileFolder } from '../services/connection.js';
import { doctorLines } from '../text/doctor.js';

export async function doctor(who: string | undefined, { json }: { readonly json?: boolean }): Promise<void> {
  const paths = profileFolder();
  let facts: Facts;
  try {
    facts = await gather(paths, who);
  } catch (error) {
    throw asCommandError(error, 'messenger', paths);
  }
  const findings = findingsOf(facts);
  if (json === true)
    printJson({ ...facts, peer: facts.peer !== null && 'id' in facts.peer ? facts.peer : null, findings });
  else printLines(doctorLines(facts, findings));
  const code = exitCodeOf(findings);
  // What is to be said stands there already.
  if (code !== EXIT.ok) throw new CommandError(code);
}

function exitCodeOf(findings: readonly Finding[]): number {
  const causes = findings.map(({ cause }) => cause);
  if (causes.includes('services-down')) return EXIT.notRunning;
  if (causes.includes('peer-unknown')) return EXIT.unknownPeer;
  return findings.some(isProblem) ? EXIT.failed : EXIT.ok;
}

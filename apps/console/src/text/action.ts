/** What somebody does, rather than says: it is sent as "/me waves", and shown as "* anna waves" (XEP-0245). */

const COMMAND = '/me ';

/** What stands behind the name; undefined for a text that is said. */
export function actionIn(text: string): string | undefined {
  return text.startsWith(COMMAND) && text.trim() !== COMMAND.trim() ? text.slice(COMMAND.length) : undefined;
}

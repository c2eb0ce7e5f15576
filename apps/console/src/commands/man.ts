/** The manual page on standard output: `earshot man`. */
import type { ExplainedCommand } from '../help.js';
import { manualPage } from '../manual/manual.js';

export function man(program: ExplainedCommand): void {
  process.stdout.write(manualPage(program));
}

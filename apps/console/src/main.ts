/** The console: one command does one thing, none opens the console to talk in (design §4). This file only runs it and ends. */
import { EXIT, isConfigError } from '@earshot/runtime/basics';
import { CommanderError } from 'commander';
import { allPrinted, CommandError, endQuietlyOnClosedOutput, note } from './output.js';
import { createProgram } from './program.js';

endQuietlyOnClosedOutput();
try {
  await createProgram().parseAsync();
  process.exitCode = EXIT.ok;
} catch (error) {
  process.exitCode = exitCodeFor(error);
}
await allPrinted();
// Sockets to services may still be open: nobody waits for them.
process.exit();

function exitCodeFor(error: unknown): number {
  if (error instanceof CommandError) {
    if (error.message !== '') note(error.message);
    return error.exitCode;
  }
  // Help and version were asked for and printed; anything else of commander's is a wrong use that it has explained.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (isConfigError(error)) {
    note(error.message);
    return error.exitCode;
  }
  throw error;
}

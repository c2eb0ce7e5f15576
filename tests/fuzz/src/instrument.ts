/**
 * Counts what runs. A loader hook (`register` of node:module) that hands out our own built modules with a counter at every
 * function and every branch, by the library that jest's coverage is made with; libraries of others stay as they are.
 */
import type { LoadHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createInstrumenter } from 'istanbul-lib-instrument';

/** Property of globalThis under which instrumented modules keep their counters. */
export const COVERAGE = '__earshotFuzzCoverage__';

const OURS = /\/(?:apps|libs)\/[^/]+\/dist\/.*\.js$|\/node_modules\/zod\/v4\/core\/.*\.js$/;
const instrumenter = createInstrumenter({ esModules: true, compact: true, coverageVariable: COVERAGE });

/** @param path names the module in the coverage */
export function instrument(source: string, path: string): string {
  return instrumenter.instrumentSync(source, path);
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (loaded.format !== 'module' || !OURS.test(url)) return loaded;
  const source =
    typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
  return { ...loaded, source: instrument(source, fileURLToPath(url)) };
};

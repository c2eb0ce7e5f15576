/** The part that is used here; the package has no types of its own. */
declare module 'istanbul-lib-instrument' {
  export function createInstrumenter(options: { esModules: boolean; compact: boolean; coverageVariable: string }): {
    instrumentSync(source: string, path: string): string;
  };
}

import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'hostile',
  rootDir: import.meta.dirname,
  // Files of the corpus that are played at once: below the 32 half-open handshakes and sessions with strangers that a messenger takes.
  maxConcurrency: 20,
  testTimeout: 60_000,
};

export default {
  testEnvironment: import.meta.dirname + '/jest.environment.mjs',
  // 'import' and 'require' must stay out: with them jest-circus loads ESM twins of its own dependencies and every suite fails.
  testEnvironmentOptions: { customExportConditions: ['@earshot/source', 'node', 'node-addons'] },
  testMatch: ['**/*.spec.ts', '**/*.spec.tsx'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.tsx?$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.spec.json', useESM: true }] },
  cacheDirectory: import.meta.dirname + '/.cache/jest',
};

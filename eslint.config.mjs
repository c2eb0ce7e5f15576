import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/.cache/**', '**/coverage/**', '**/*.mjs', '**/*.cjs', '**/*.js'] },
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      // Numbers in messages are the rule here (ports, sizes, counts); the other types stay refused.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // No text becomes code; tests/architecture looks for the same in the files that are not linted.
      'no-eval': 'error',
      'no-new-func': 'error',
      '@typescript-eslint/no-implied-eval': 'error',
    },
  },
  { files: ['**/*.spec.ts', '**/*.spec.tsx'], ...jest.configs['flat/recommended'] },
  prettier,
);

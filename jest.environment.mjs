/**
 * Node's environment, with one thing more: jest drops all of a test file's objects when it is through, and on Node 24 the
 * process ends with an assertion when its garbage collector meets a statement or connection of better-sqlite3 12. So the
 * native part, which all test files of a process share, keeps each of them reachable here. The programs see to that
 * themselves (libs/history/src/connection.ts).
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { TestEnvironment } from 'jest-environment-node';

const reachable = new Set();

/** Once for the process: the module cache of Node itself is none of jest's. */
function keepReachable() {
  const binding = new URL('node_modules/better-sqlite3/build/Release/better_sqlite3.node', import.meta.url);
  const { Database } = createRequire(import.meta.url)(fileURLToPath(binding));
  for (const method of ['prepare', 'exec']) {
    const original = Database.prototype[method];
    Database.prototype[method] = function (...args) {
      reachable.add(this);
      const result = original.apply(this, args);
      if (method === 'prepare') reachable.add(result);
      return result;
    };
  }
}
if (Number(process.versions.node.split('.')[0]) >= 24) keepReachable();

export default TestEnvironment;

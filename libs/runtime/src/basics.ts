/** What every command needs before it is known which one it is: nothing here brings the settings' schemas along, so that a help, a version or a refusal is there at once. */
export { EXIT } from './exit-codes.js';
export { isConfigError } from './config-error.js';
export { nearestName } from './nearest-name.js';
export { safeJsonLine, sanitizeLine, sanitizeName } from './sanitize.js';
export { version } from './version.js';

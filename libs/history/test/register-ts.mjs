// Lets a child process of a test run this library's TypeScript as it stands, without a build: node --import register-ts.mjs child.ts
import { register } from 'node:module';

register('./ts-loader.mjs', import.meta.url);

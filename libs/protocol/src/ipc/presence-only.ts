/** Services that only say that they are there: the log server (its work is HTTP) and the supervised console. */
import { z } from 'zod';
import { defineService } from './contract.js';

const nothing = z.object({ event: z.literal('none') });

export const logserverContract = defineService({ name: 'logserver', methods: {}, event: nothing });
export const consoleContract = defineService({ name: 'console', methods: {}, event: nothing });

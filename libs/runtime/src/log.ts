import { join } from 'node:path';
import { pino } from 'pino';
import { LogFile } from './log-file.js';
import { allowedFields, type LogFields, type Logger } from './log-fields.js';
import type { DataFolder } from './paths.js';
import type { LogLevel } from './settings-table.js';

/** Of the current file and of the one before, each: 4 MiB per service. */
const LOG_FILE_MAX_BYTES = 2 * 1024 * 1024;

export interface ProcessLog extends Logger {
  /** Children made before keep the level they were made with. */
  setLevel(level: LogLevel): void;
  close(): void;
}

/** The process log of a service, JSON lines in `logs/<service>.log`. One process writes it: hold the instance lock. */
export function openLog(
  service: string,
  paths: DataFolder,
  level: LogLevel,
  maxBytes: number = LOG_FILE_MAX_BYTES,
): ProcessLog {
  const droppedLine = (dropped: number): string =>
    JSON.stringify({
      level: 'warn',
      time: new Date().toISOString(),
      pid: process.pid,
      msg: 'log lines were dropped',
      count: dropped,
    }) + '\n';
  const file = new LogFile(join(paths.logs, `${service}.log`), maxBytes, droppedLine);
  const output = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are described before they get here; pino's own way would add their text.
      serializers: { err: (described: unknown) => described },
    },
    file,
  );
  return {
    ...loggerTo(output),
    setLevel: (level) => {
      output.level = level;
    },
    close: () => {
      file.close();
    },
  };
}

function loggerTo(output: pino.Logger): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, fields: LogFields = {}): void => {
      if (output.isLevelEnabled(level)) output[level](allowedFields(fields), event);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (component) => loggerTo(output.child({ component })),
  };
}

import { type DestinationStream, pino } from 'pino';

/** Pino then tells the level of each line (API of pino: "pino.metadata"). */
const TELLS_LEVEL = Symbol.for('pino.metadata');
/** 40 in pino's numbers. */
const WARN = 40;
const MAX_CHARS = 64 * 1024;

/**
 * Writes the lines of one turn of the event loop together, since a write costs more than its line. Nothing is lost at an exit
 * or an unhandled error, and a warning is written at once with the lines before it.
 * @param out writes synchronously
 */
export function openLogDestination(out: DestinationStream = pino.destination({ dest: 1, sync: true })) {
  let lines = '';
  let hasWritten = false;

  function flush(): void {
    if (lines === '') return;
    const text = lines;
    lines = '';
    out.write(text);
  }

  return {
    [TELLS_LEVEL]: true as const,
    lastLevel: 0,
    write(line: string): void {
      // Most loggers of tests write nothing.
      if (!hasWritten) process.on('exit', flush);
      hasWritten = true;
      if (lines === '') setImmediate(flush);
      lines += line;
      if (this.lastLevel >= WARN || lines.length > MAX_CHARS) flush();
    },
  };
}

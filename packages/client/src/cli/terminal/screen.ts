import type { Environment } from '../settings.js';

/** A stream to print to: `process.stdout` or `process.stderr`. */
export interface Sink {
  write(text: string): unknown;
  once?(event: 'drain', listener: () => void): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface Screen {
  /** Prints a line of results to stdout. */
  out(line: string): void;
  /** Prints a line to stderr, for everything except results. */
  err(line: string): void;
  /** Whether progress can be drawn. */
  live: boolean;
  /** Redraws lines at the bottom until `stop`. */
  draw(lines: number, line: (index: number, columns: number) => string): { stop(): void };
  red(text: string): string;
  green(text: string): string;
  dim(text: string): string;
}

/** Cuts lines at the edge of the terminal, and hides the cursor. */
const START = '\u001b[?7l\u001b[?25l';
const WRAP = '\u001b[?7h';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const FRAME_MS = 125;

/** Combines both streams: draws progress on stderr and prints lines of either stream above it. */
export function createScreen(stdout: Sink, stderr: Sink, environment: Environment): Screen {
  const live = stderr.isTTY === true && environment.TERM !== 'dumb';
  const colored = live && (environment.NO_COLOR ?? '') === '';
  const paint = (code: number) => (text: string) => (colored ? `\u001b[${code}m${text}\u001b[0m` : text);
  const waiting: { sink: Sink; line: string }[] = [];
  /** Lines on the screen, with the cursor below them. */
  let drawn = 0;
  const up = () => (drawn === 0 ? '' : `\u001b[${drawn}A`);

  return {
    out: (line) => print(stdout, line),
    err: (line) => print(stderr, line),
    live,
    draw,
    red: paint(31),
    green: paint(32),
    dim: paint(2),
  };

  // Lines for the terminal wait for the next frame, which makes room for them; lines for a pipe are written immediately.
  function print(sink: Sink, line: string): void {
    if (drawn === 0 || sink.isTTY !== true) sink.write(`${line}\n`);
    else waiting.push({ sink, line });
  }

  function clear(): void {
    if (drawn > 0) stderr.write(up() + CLEAR_BELOW + SHOW_CURSOR);
    drawn = 0;
    for (const { sink, line } of waiting.splice(0)) print(sink, line);
  }

  function draw(lines: number, line: (index: number, columns: number) => string): { stop(): void } {
    if (!live || lines === 0) return { stop() {} };
    const timer = setInterval(() => {
      if (waiting.length > 0) clear();
      const text = Array.from({ length: lines }, (_, index) => line(index, stderr.columns ?? 80));
      stderr.write(`${up()}${START}${text.map((one) => `${CLEAR_LINE}${one}\n`).join('')}${WRAP}`);
      drawn = lines;
    }, FRAME_MS);
    const stop = () => {
      clearInterval(timer);
      process.off('exit', stop);
      clear();
    };
    process.on('exit', stop);
    return { stop };
  }
}

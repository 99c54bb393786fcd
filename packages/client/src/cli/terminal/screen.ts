import { MultiBar } from 'cli-progress';

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

type Environment = Readonly<Record<string, string | undefined>>;

const WRAP = '\u001b[?7h';
const NO_WRAP = '\u001b[?7l';
const CLEAR_BELOW = '\u001b[J';
const FRAMES_PER_SECOND = 8;

/** Combines both streams: draws progress on stderr and prints lines of either stream above it. */
export function createScreen(stdout: Sink, stderr: Sink, environment: Environment): Screen {
  const live = stderr.isTTY === true && environment.TERM !== 'dumb';
  const colored = live && (environment.NO_COLOR ?? '') === '';
  const paint = (code: number) => (text: string) => (colored ? `\u001b[${code}m${text}\u001b[0m` : text);
  let bars: MultiBar | undefined;
  let waiting: { sink: Sink; text: string }[] = [];

  return { out: (line) => print(stdout, line), err: (line) => print(stderr, line), live, draw, ...paints() };

  // Lines for the terminal wait for the next frame, which makes room for them; lines for a pipe are written immediately.
  function print(sink: Sink, line: string): void {
    if (bars === undefined || sink.isTTY !== true) sink.write(`${line}\n`);
    else waiting.push({ sink, text: `${line}\n` });
  }

  function flush(): void {
    const lines = waiting;
    waiting = [];
    for (const { sink, text } of lines) sink.write(text);
  }

  function draw(lines: number, line: (index: number, columns: number) => string): { stop(): void } {
    if (!live || lines === 0) return { stop() {} };
    const drawn = new MultiBar({
      stream: stderr as NodeJS.WritableStream,
      format: (_options, _params, { index }: { index: number }) => line(index, stderr.columns ?? 80),
      fps: FRAMES_PER_SECOND,
      hideCursor: true,
      clearOnComplete: true,
      forceRedraw: true,
    });
    drawn.on('redraw-pre', () => {
      if (waiting.length === 0) return;
      stderr.write(CLEAR_BELOW + WRAP);
      flush();
      stderr.write(NO_WRAP);
    });
    for (let index = 0; index < lines; index++) drawn.create(1, 0, { index });
    bars = drawn;
    return {
      stop() {
        drawn.stop();
        bars = undefined;
        flush();
      },
    };
  }

  function paints() {
    return { red: paint(31), green: paint(32), dim: paint(2) };
  }
}

import type { Shell } from '../shell.js';
import { fit } from '../terminal/columns.js';
import { bar, bytes, clock, count, percent } from '../terminal/units.js';
import type { UploadObserver } from './open-file.js';

const LANES = 4;
const BAR = 20;
const SHORTEST_NAME = 12;
/** Columns for margins, percentage and sizes. */
const BESIDE = 32;
/** The same in a narrow terminal: margins and a percentage or one word. */
const LEAST_BESIDE = 17;

/** The progress of one file. */
export interface Track extends UploadObserver {
  /** Called when all bytes are sent and the server processes the file. */
  waiting(): void;
}

interface Row {
  name: string;
  size: number;
  sent: number;
  waiting: boolean;
}

/** Draws one line per active file, up to LANES, and one line for the total. */
export function createProgress(
  { screen, say }: Pick<Shell, 'screen' | 'say'>,
  plan: { files: number; bytes: number },
) {
  const rate = createRate();
  const lanes: (Row | undefined)[] = Array.from({ length: Math.min(LANES, plan.files) });
  const others: Row[] = [];
  let done = 0;
  let doneBytes = 0;
  const rows = () => [...lanes.filter((row) => row !== undefined), ...others];
  const drawing = screen.draw(plan.files === 1 ? 1 : lanes.length + 1, (index, columns) => {
    if (index === lanes.length) return totalLine(columns);
    const row = lanes[index];
    return row === undefined ? '' : rowLine(row, columns);
  });

  function rowLine({ name, size, sent, waiting }: Row, columns: number): string {
    const state =
      waiting || sent >= size
        ? say('processing')
        : `${percent(sent / size)}  ${bytes(sent)} / ${bytes(size)}`;
    return `  ${fit(name, nameColumns(columns))}  ${screen.green(bar(size === 0 ? 1 : sent / size, barColumns(columns)))}  ${state}`;
  }

  function totalLine(columns: number): string {
    const sentBytes = rows().reduce((sum, row) => sum + row.sent, doneBytes);
    const share = plan.bytes === 0 ? done / plan.files : sentBytes / plan.bytes;
    const perSecond = rate.perSecond();
    const remaining = plan.bytes - sentBytes;
    const pace =
      perSecond === 0 || remaining <= 0
        ? ''
        : `  ${bytes(perSecond)}/s  ${say('time-left', { time: clock(remaining / perSecond) })}`;
    const name = say('files-done', { done: count(done), files: count(plan.files) });
    return `  ${fit(name, nameColumns(columns))}  ${bar(share, barColumns(columns))}  ${percent(share)}${pace}`;
  }

  return {
    begin(name: string, size: number): Track & { end(): void } {
      const row: Row = { name, size, sent: 0, waiting: false };
      const lane = lanes.indexOf(undefined);
      if (lane === -1) others.push(row);
      else lanes[lane] = row;
      return {
        started: () => (row.sent = 0),
        sent(chunkBytes) {
          row.sent += chunkBytes;
          rate.add(chunkBytes);
        },
        waiting: () => (row.waiting = true),
        end() {
          done++;
          doneBytes += row.size;
          const at = lanes.indexOf(row);
          if (at === -1) others.splice(others.indexOf(row), 1);
          else lanes[at] = others.shift();
        },
      };
    },
    stop: () => drawing.stop(),
  };
}

function nameColumns(columns: number): number {
  return Math.max(SHORTEST_NAME, Math.min(44, columns - BAR - BESIDE));
}

function barColumns(columns: number): number {
  return Math.max(4, Math.min(BAR, columns - SHORTEST_NAME - LEAST_BESIDE));
}

const WINDOW_MS = 10_000;
const SAMPLE_MS = 250;

/** Measures units per second over the last ten seconds. */
export function createRate(now: () => number = Date.now): { add(units: number): void; perSecond(): number } {
  let total = 0;
  let samples = [{ at: now(), total: 0 }];
  return {
    add(units) {
      total += units;
      const last = samples.at(-1);
      if (last === undefined || now() - last.at >= SAMPLE_MS) samples.push({ at: now(), total });
    },
    perSecond() {
      const recent = samples.findIndex(({ at }) => at >= now() - WINDOW_MS);
      if (recent === -1) samples = samples.slice(-1);
      else if (recent > 1) samples = samples.slice(recent - 1);
      const [first] = samples;
      const seconds = first === undefined ? 0 : (now() - first.at) / 1000;
      return first === undefined || seconds < 0.5 ? 0 : (total - first.total) / seconds;
    },
  };
}

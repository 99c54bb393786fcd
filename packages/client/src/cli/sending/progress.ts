import type { Shell } from '../shell.js';
import { fit } from '../terminal/columns.js';
import { bar, bytes, clock, count, percent } from '../terminal/units.js';
import type { Follower } from './open-file.js';
import { createRate } from './rate.js';

const LANES = 4;
const BAR = 20;
const SHORTEST_NAME = 12;
/** Columns beside name and bar: margins, per cent, sizes. */
const BESIDE = 32;
/** What of these a narrow terminal still has room for: margins and per cent, or a word. */
const LEAST_BESIDE = 17;

/** One file on its way. */
export interface Track extends Follower {
  /** All is sent; the server works on it. */
  waiting(): void;
}

interface Row {
  name: string;
  size: number;
  sent: number;
  waiting: boolean;
}

/** Progress of several files: a line for each in hand, as far as there is room, and one in sum. */
export function createProgress(
  { screen, t }: Pick<Shell, 'screen' | 't'>,
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
        ? t('processing', '处理中')
        : `${percent(sent / size)}  ${bytes(sent)} / ${bytes(size)}`;
    return `  ${fit(name, nameColumns(columns))}  ${screen.green(bar(size === 0 ? 1 : sent / size, barColumns(columns)))}  ${state}`;
  }

  function totalLine(columns: number): string {
    const way = rows().reduce((sum, row) => sum + row.sent, doneBytes);
    const share = plan.bytes === 0 ? done / plan.files : way / plan.bytes;
    const perSecond = rate.perSecond();
    const left = plan.bytes - way;
    const pace =
      perSecond === 0 || left <= 0
        ? ''
        : `  ${bytes(perSecond)}/s  ${clock(left / perSecond)} ${t('left', '剩余')}`;
    const name = t(`${count(done)} of ${count(plan.files)}`, `${count(done)} / ${count(plan.files)}`);
    return `  ${fit(name, nameColumns(columns))}  ${bar(share, barColumns(columns))}  ${percent(share)}${pace}`;
  }

  return {
    begin(name: string, size: number): Track & { end(): void } {
      const row: Row = { name, size, sent: 0, waiting: false };
      const lane = lanes.indexOf(undefined);
      if (lane === -1) others.push(row);
      else lanes[lane] = row;
      return {
        begun: () => (row.sent = 0),
        sent(some) {
          row.sent += some;
          rate.add(some);
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

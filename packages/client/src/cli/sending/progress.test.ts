import { expect, it } from 'vitest';
import { sayCli } from '../../messages/cli.js';
import { columnsOf } from '../terminal/columns.js';
import type { Screen } from '../terminal/screen.js';
import { createProgress } from './progress.js';

const same = (text: string) => text;

function linesOf(columns: number): string[] {
  let drawn = (): string[] => [];
  const screen: Screen = {
    out() {},
    err() {},
    live: true,
    draw(count, line) {
      drawn = () => Array.from({ length: count }, (_, index) => line(index, columns));
      return { stop() {} };
    },
    red: same,
    green: same,
    dim: same,
  };
  const progress = createProgress({ screen, say: sayCli('en') }, { files: 2, bytes: 200 });
  const track = progress.begin('很长的中文文件名测试假日海滩照片第0040.png', 100);
  track.started();
  track.sent(50);
  return drawn();
}

it.each([110, 80, 60, 40])('shows the file name and the progress in %i columns', (columns) => {
  const [row = '', , sum = ''] = linesOf(columns);
  const visiblePart = (line: string) => {
    let text = line;
    while (columnsOf(text) > columns) text = text.slice(0, -1);
    return text;
  };
  expect(visiblePart(row)).toMatch(/0040\.png +█+░+ {2} 50%/);
  expect(visiblePart(sum)).toMatch(/0 of 2 +█+░+ {2} 25%/);
});

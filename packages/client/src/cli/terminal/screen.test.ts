import { expect, it } from 'vitest';
import { createScreen } from './screen.js';

function terminal(isTTY: boolean) {
  let written = '';
  const sink = { isTTY, columns: 80, write: (text: string) => (written += text) };
  return { sink, written: () => written };
}

it('prints a line above the progress and redraws it', async () => {
  const { sink, written } = terminal(true);
  const screen = createScreen(sink, sink, {});
  const drawing = screen.draw(2, (index) => `drawn ${index}`);
  await expect.poll(written).toContain('drawn 1');
  screen.out('a result');
  await expect.poll(written).toContain('a result');
  drawing.stop();
  screen.err('the end');
  const frame = '\u001b[?7l\u001b[?25l\u001b[Kdrawn 0\n\u001b[Kdrawn 1\n\u001b[?7h';
  expect(written()).toContain(`\u001b[2A\u001b[J\u001b[?25ha result\n${frame}`);
  expect(written().endsWith('\u001b[2A\u001b[J\u001b[?25hthe end\n')).toBe(true);
});

it('prints immediately to a pipe while it draws on the terminal', async () => {
  const pipe = terminal(false);
  const { sink, written } = terminal(true);
  const screen = createScreen(pipe.sink, sink, {});
  const drawing = screen.draw(1, () => 'drawn');
  await expect.poll(written).toContain('drawn');
  screen.out('a result');
  expect(pipe.written()).toBe('a result\n');
  drawing.stop();
});

it.each([
  ['a pipe', false, {}],
  ['a dumb terminal', true, { TERM: 'dumb' }],
])('draws nothing on %s', (_name, isTTY, environment) => {
  const { sink, written } = terminal(isTTY);
  const screen = createScreen(sink, sink, environment);
  expect(screen.live).toBe(false);
  const drawing = screen.draw(1, () => 'drawn');
  screen.err(screen.red('failed'));
  drawing.stop();
  expect(written()).toBe('failed\n');
});

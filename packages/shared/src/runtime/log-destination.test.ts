import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createLog } from './log.js';
import { openLogDestination } from './log-destination.js';

function openLog() {
  const written: string[] = [];
  const destination = openLogDestination({ write: (text) => void written.push(text) });
  return { written, log: createLog('a', { destination }) };
}

const messagesIn = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).msg);

it('writes the lines of one turn of the event loop together', async () => {
  const { written, log } = openLog();
  log.info('one');
  log.info('two');
  expect(written).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(written.map(messagesIn)).toEqual([['one', 'two']]);
});

it('writes a warning at once, after the lines before it', () => {
  const { written, log } = openLog();
  log.info('one');
  log.child({ requestId: 'b' }).warn('two');
  expect(written.map(messagesIn)).toEqual([['one', 'two']]);
});

it.each([
  ['the process exits', 'process.exit(3)'],
  ['an error is unhandled', 'throw new Error("planted")'],
  ['a rejection is unhandled', 'await Promise.reject(new Error("planted"))'],
])('loses no line when %s', (_, end) => {
  const path = fileURLToPath(new URL('../../dist/runtime/log.js', import.meta.url));
  const code = `import { createLog } from ${JSON.stringify(path)};\ncreateLog('a').info('last');\n${end};`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  expect(status).not.toBe(0);
  expect(messagesIn(stdout)).toEqual(['last']);
});

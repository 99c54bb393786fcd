import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@pixdock/shared/runtime/log';
import { expect, it, onTestFinished, vi } from 'vitest';
import { lastUseOf, openKeyUses } from './key-uses.js';

const ID = 'key_0123456789ab';
const at = (time: string) => Date.parse(`2027-01-31T${time}Z`);

function open(time: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'pixdock-key-uses-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const lines: string[] = [];
  const log = createLog('test', { destination: { write: (line) => lines.push(line) } });
  const clock = { now: at(time) };
  const start = () => openKeyUses(dataDir, log, () => clock.now);
  const file = join(dataDir, 'key-uses', ID);
  return { dataDir, lines, clock, start, file, last: () => lastUseOf(dataDir, ID) };
}

it('notes the hour of the last use, also of several processes', async () => {
  const { start, last, clock } = open('10:59:59.999');
  const [one, other] = [start(), start()];
  expect(await last()).toBe(null);
  one.note(ID);
  await vi.waitFor(async () => expect(await last()).toBe('2027-01-31T10:00:00.000Z'));
  clock.now = at('12:30:00');
  other.note(ID);
  await vi.waitFor(async () => expect(await last()).toBe('2027-01-31T12:00:00.000Z'));
});

it('writes at most once an hour', async () => {
  const { start, file, clock, last } = open('10:00:00');
  const uses = start();
  uses.note(ID);
  await vi.waitFor(async () => expect(await last()).not.toBe(null));
  const { ctimeMs } = statSync(file);
  clock.now = at('10:59:59');
  for (let i = 0; i < 1000; i++) uses.note(ID);
  await new Promise((resolve) => setImmediate(resolve));
  expect(statSync(file).ctimeMs).toBe(ctimeMs);
  clock.now = at('11:00:00');
  uses.note(ID);
  await vi.waitFor(async () => expect(await last()).toBe('2027-01-31T11:00:00.000Z'));
});

it('logs a use that it cannot write, and does not fail', async () => {
  const { start, lines, dataDir } = open('10:00:00');
  writeFileSync(join(dataDir, 'key-uses'), 'a file in place of the folder');
  start().note(ID);
  await vi.waitFor(() => expect(lines.join('')).toContain('the last use of a key was not noted'));
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type AuditEntry, openAudit } from './audit.js';

const ENTRY: AuditEntry = {
  action: 'deleteImage',
  outcome: 'done',
  status: 202,
  owner: 'acme',
  keyId: 'key_0123456789ab',
  object: `img_${'5f'.repeat(16)}`,
  address: '192.0.2.7',
  requestId: 'a-request',
  user: null,
};

function open(auditLog: 'file' | 'stdout' = 'file') {
  const dataDir = mkdtempSync(join(tmpdir(), 'pixdock-audit-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const [printed, lost]: [string[], unknown[]] = [[], []];
  const another = () =>
    openAudit(
      { dataDir, auditLog },
      (line) => printed.push(line),
      (error) => lost.push(error),
    );
  return { folder: join(dataDir, 'audit'), printed, lost, audit: another(), another };
}

it('appends one line per entry to the file of the day and host, for its owner only', async () => {
  vi.useFakeTimers({ now: Date.parse('2027-01-31T23:59:59.999Z'), toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { folder, audit } = open();
  audit.write(ENTRY);
  vi.setSystemTime(Date.parse('2027-02-01T00:00:00.000Z'));
  audit.write({ ...ENTRY, action: 'deleteBatch' });
  await audit.close();
  const files = readdirSync(folder).toSorted();
  expect(files).toEqual([`2027-01-31-${hostname()}.ndjson`, `2027-02-01-${hostname()}.ndjson`]);
  const [first = ''] = files.map((name) => join(folder, name));
  expect(JSON.parse(readFileSync(first, 'utf8'))).toEqual({
    name: 'audit',
    time: '2027-01-31T23:59:59.999Z',
    ...ENTRY,
  });
  expect(statSync(first).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('keeps whole lines of several processes in order', async () => {
  const { folder, audit, another } = open();
  const writers = [audit, another(), another()];
  for (let i = 0; i < 50; i++)
    for (const [at, writer] of writers.entries()) writer.write({ ...ENTRY, requestId: `${at}-${i}` });
  await Promise.all(writers.map((writer) => writer.close()));
  const [name = ''] = readdirSync(folder);
  const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
  const ids = lines.map((line) => (JSON.parse(line) as AuditEntry).requestId ?? '');
  expect(ids).toHaveLength(150);
  for (const at of [0, 1, 2])
    expect(ids.filter((id) => id.startsWith(`${at}-`))).toEqual(
      Array.from({ length: 50 }, (_, i) => `${at}-${i}`),
    );
});

it('reports each line that cannot be written, and writes again once it can', async () => {
  const { folder, audit, lost } = open();
  writeFileSync(folder, 'a file in place of the folder');
  audit.write(ENTRY);
  audit.write(ENTRY);
  await audit.close();
  expect(lost).toHaveLength(2);
  rmSync(folder);
  audit.write(ENTRY);
  await audit.close();
  expect(lost).toHaveLength(2);
  expect(readdirSync(folder)).toHaveLength(1);
});

it('prints the lines in place of writing files', async () => {
  const { audit, printed, folder } = open('stdout');
  audit.write(ENTRY);
  await audit.close();
  expect(printed.map((line) => JSON.parse(line))).toMatchObject([ENTRY]);
  expect(() => readdirSync(folder)).toThrow('ENOENT');
});

it('gives up lines above a number that waits for the disk, and keeps the process', async () => {
  const { audit, lost } = open('stdout');
  for (let i = 0; i < 10_005; i++) audit.write(ENTRY);
  expect(lost).toHaveLength(5);
  await audit.close();
});

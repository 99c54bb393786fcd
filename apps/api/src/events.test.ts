import { PixdockError } from '@pixdock/contract/error';
import { detailOf } from '@pixdock/contract/messages/detail';
import { createLog } from '@pixdock/shared/runtime/log';
import type { AuditEntry } from '@pixdock/shared/state/audit';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openEvents } from './events.js';
import { openCounters } from './metrics.js';

const REFUSED = {
  action: 'deleteImage',
  outcome: 'refused',
  status: 403,
  owner: 'acme',
  keyId: 'key_0123456789ab',
  object: null,
  address: '192.0.2.7',
  requestId: 'a-request',
  user: null,
} as const;

function open(findFull: Parameters<typeof openEvents>[3] = {}) {
  vi.useFakeTimers({ now: Date.parse('2027-01-31T08:00:00Z'), toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const [written, logged]: [AuditEntry[], string[]] = [[], []];
  const log = createLog('test', { destination: { write: (line) => logged.push(line) } });
  const counters = openCounters();
  const events = openEvents(log, counters, { write: (entry) => void written.push(entry) }, findFull);
  const lost = async () => {
    const { values } = await counters.auditLost.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.reason, value]));
  };
  return { events, written, logged, lost };
}

it('limits the refused attempts of a key in the audit trail per minute, and never a change', async () => {
  const { events, written, lost } = open();
  for (let i = 0; i < 100; i++) events.changed(REFUSED);
  expect(written).toHaveLength(60);
  events.changed({ ...REFUSED, keyId: 'key_ba9876543210' });
  for (let i = 0; i < 100; i++) events.changed({ ...REFUSED, outcome: 'done' });
  expect(written).toHaveLength(161);
  expect(await lost()).toEqual({ fault: 0, limit: 40 });
  vi.setSystemTime(Date.parse('2027-01-31T08:01:00Z'));
  events.changed(REFUSED);
  expect(written).toHaveLength(162);
});

it('counts each line of the audit trail that is lost, and logs the fix once a minute', async () => {
  const { events, logged, lost } = open();
  for (let i = 0; i < 3; i++) events.auditLost(new Error('ENOSPC'));
  expect(logged).toHaveLength(1);
  expect(JSON.parse(logged[0] ?? '')).toMatchObject({
    level: 50,
    fix: expect.stringContaining('DATA_DIR'),
    msg: 'the audit trail cannot be written',
  });
  expect(await lost()).toEqual({ fault: 3, limit: 0 });
});

it('logs the fix of the fault itself, not of all faults with its code', () => {
  const { events, logged } = open();
  events.failed(
    new PixdockError('queue_unavailable', detailOf('other-staging', { own: 'one', other: 'two' })),
    'a-request',
  );
  expect(JSON.parse(logged[0] ?? '').fix).toContain('pixdock-ops adopt');
});

it('logs what is full, and the usual fix while nothing is or it cannot be found', async () => {
  const full = [
    async () => detailOf('disk-without-inodes', { inodes: 200 }),
    async () => null,
    () => Promise.reject(new Error('EIO')),
  ];
  const fixes: string[] = [];
  for (const find of full) {
    const { events, logged } = open({ staging_full: find });
    events.failed(new PixdockError('staging_full'), 'a-request');
    await vi.waitFor(() => expect(logged).toHaveLength(1));
    fixes.push(JSON.parse(logged[0] ?? '').fix);
  }
  expect(fixes).toEqual([
    expect.stringContaining('all its 200 inodes are used'),
    expect.stringContaining('Send it again'),
    expect.stringContaining('Send it again'),
  ]);
});

import type { ErrorCode } from '@pixdock/contract/error-table';
import { changedRecord, type RecordChanges, testRecord } from '@pixdock/shared/testing/record';
import { expect, it } from 'vitest';
import { renderedVariants } from '../testing/rendered.js';
import { isSuspect, nextStep, type OnDisk, type Step } from './next-step.js';

const OUTPUT = { folder: 'f', rendered: renderedVariants(['main']).rendered };
const output: OnDisk = { has: 'output', output: OUTPUT };
const source: OnDisk = { has: 'source' };
const origin: OnDisk = { has: 'origin' };
const nothing: OnDisk = { has: 'nothing' };
const full: OnDisk = { has: 'no space' };
const put: Step = { next: 'put', output: OUTPUT };
const fail = (code: ErrorCode): Step => ({ next: 'fail', code });

const now = new Date().toISOString();
const { internal } = testRecord();
const QUEUED = {};
const PUBLISHED = { status: 'published' } as const;
const CANCELED = { status: 'canceled' } as const;
const DELETING = { deleteRequestedAt: now };
const DELETED = { status: 'deleted', deleteRequestedAt: now } as const;
const FATAL = { internal: { ...internal, deaths: 4, attemptToken: 'dead' } };

it.each<[string, RecordChanges, OnDisk, 'closed' | 'half-open' | 'open', Step]>([
  ['renders a source', QUEUED, source, 'closed', { next: 'render' }],
  ['renders a source while OSS fails, if there is space', QUEUED, source, 'open', { next: 'render' }],
  ['delays a source without space', QUEUED, full, 'open', { next: 'delay' }],
  ['puts an output', QUEUED, output, 'closed', put],
  ['puts an output to test OSS', QUEUED, output, 'half-open', put],
  ['delays an output while OSS fails', QUEUED, output, 'open', { next: 'delay' }],
  ['awaits a source that can be fetched', QUEUED, origin, 'open', { next: 'awaitSource' }],
  ['fails an image whose source is lost', QUEUED, nothing, 'closed', fail('source_lost')],
  ['fails an image that killed five workers', FATAL, source, 'closed', fail('processing_crashed')],
  ['stops at a deletion, which removes the output', DELETING, output, 'closed', { next: 'stop' }],
  ['stops at an image of another run', { run: 2 }, source, 'closed', { next: 'stop' }],
  ['settles a published image', PUBLISHED, nothing, 'closed', { next: 'settle' }],
  ['settles a canceled image, whatever is left of it', CANCELED, output, 'open', { next: 'settle' }],
  ['settles a deleted image', DELETED, nothing, 'closed', { next: 'settle' }],
  [
    'settles an image that ended in another run',
    { ...PUBLISHED, run: 2 },
    source,
    'closed',
    { next: 'settle' },
  ],
])('%s', (_, changes, disk, breaker, step) => {
  expect(nextStep(changedRecord(testRecord(), changes), 1, disk, breaker)).toEqual(step);
});

it.each([
  [0, null, false],
  [1, null, false],
  // In progress when its worker died, which is not counted yet.
  [1, 'h', true],
  [2, null, true],
  [4, null, true],
  // Fails before it is decoded again.
  [4, 'h', false],
])('finds an image after %d deaths, with the token %s, suspect: %s', (deaths, attemptToken, suspect) => {
  const record = testRecord();
  expect(isSuspect({ ...record, internal: { ...record.internal, deaths, attemptToken } })).toBe(suspect);
});

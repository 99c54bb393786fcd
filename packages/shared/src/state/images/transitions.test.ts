import { readFile } from 'node:fs/promises';
import { detailOf, locate } from '@pixdock/contract/messages/detail';
import type { Review } from '@pixdock/contract/review';
import { isDeletedStatus, OPEN_STATUSES, STATUSES, type Status } from '@pixdock/contract/status';
import { describe, expect, test } from 'vitest';
import { testReceipt } from '../../testing/receipt.js';
import { changedRecord, testRecord } from '../../testing/record.js';
import * as attempts from './attempt-transitions.js';
import * as endings from './end-transitions.js';
import * as fetches from './fetch-transitions.js';
import { type ImageRecord, isHeld, recordSchema } from './image-record.js';
import { restoreRecord, stagedIfNewer } from './restored-record.js';
import { storedError } from './stored-error.js';
import * as transitions from './transitions.js';

const RETENTION_MS = 1000;
const at = { run: 1, token: 'first' };
const other = { run: 1, token: 'second' };
const error = storedError('image_corrupt');

const must = (record: ImageRecord | null): ImageRecord => {
  if (record === null) throw new Error('refused');
  return record;
};
const RETRY = { error: storedError('source_timeout'), afterMs: 5000 };
const PUBLICATION = {
  width: 1,
  height: 1,
  frames: 1,
  variants: {},
  placeholder: { thumbhash: 'a', color: '#000' },
  receipt: testReceipt(),
};
const FETCHED = {
  filename: null,
  bytes: 9,
  sha256: 'cd'.repeat(32),
  mediaType: 'image/png',
  declaredType: null,
  validator: { request: 'digest', value: '"etag"' },
};
const REUSABLE = changedRecord(testRecord(), { status: 'published', url: 'https://oss/1.jpg' });
const HELD: Review = {
  decision: 'hold',
  by: 'manual',
  reasons: [],
  at: '2026-01-05T08:00:00.000Z',
  heldAt: '2026-01-05T08:00:00.000Z',
};
const begun = () => must(attempts.begin(testRecord(), at, 'validating'));
const failed = () => must(endings.fail(begun(), at, error, [], RETENTION_MS));

/** Each transition, made by the attempt that holds an image which is processing. */
const TRANSITIONS: Record<string, (record: ImageRecord) => ImageRecord | null> = {
  begin: (record) => attempts.begin(record, at, 'validating'),
  advance: (record) => attempts.advance(record, at, 'uploading'),
  catchUpStages: (record) => attempts.catchUpStages(record, at, []),
  release: (record) => attempts.release(record, at),
  retryLater: (record) => attempts.retryLater(record, at, RETRY),
  delay: (record) => attempts.delay(record, at, RETRY),
  review: (record) => attempts.review(record, at, HELD, 'subject'),
  noteLatePut: attempts.noteLatePut,
  decide: (record) =>
    transitions.decide({ ...record, stage: 'reviewing', review: HELD }, { ...HELD, decision: 'approve' }),
  fetched: (record) => fetches.fetched(record, at, FETCHED),
  fetchLater: (record) => fetches.fetchLater(record, at, RETRY),
  refetch: fetches.refetch,
  publish: (record) => endings.publish(record, at, PUBLICATION, RETENTION_MS),
  reuse: (record) =>
    endings.reuse(record, at, { image: REUSABLE, filename: null, validator: null }, [], RETENTION_MS),
  fail: (record) => endings.fail(record, at, error, [], RETENTION_MS),
  noteKeys: (record) => endings.noteKeys(record, at.run, ['a']),
  cancel: (record) => transitions.cancel(record, RETENTION_MS),
  retry: transitions.retry,
  requestDelete: transitions.requestDelete,
  noteReplaced: (record) =>
    transitions.noteReplaced({ ...record, internal: { ...record.internal, replaces: 'later' } }),
  keep: (record) => transitions.keep({ ...record, deleteAt: record.createdAt }),
  markDeleted: (record) => transitions.markDeleted(record, RETENTION_MS),
};

test('a failed image keeps the keys of a put without a response', () => {
  const uploading = must(attempts.advance(begun(), at, 'uploading', ['a', 'b']));
  const keysOf = (record: ImageRecord) =>
    must(endings.fail(record, at, error, ['a'], RETENTION_MS)).internal.keys;
  expect(keysOf(uploading)).toEqual(['a']);
  expect(keysOf(must(attempts.noteLatePut(uploading)))).toEqual(['a', 'b']);
});

describe('the table of transitions', async () => {
  const text = await readFile(new URL('transitions.ts', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith(' * | '));
  const [[, ...columns] = [], , ...rows] = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const requestedAt = testRecord().createdAt;

  test('has every status and every transition', () => {
    expect(columns).toEqual([...STATUSES, 'deleting']);
    const { isCurrent: _, ...ofAttempts } = attempts;
    const all = Object.keys({ ...ofAttempts, ...endings, ...fetches, ...transitions });
    expect(rows.map(([name]) => name).toSorted()).toEqual(all.toSorted());
    expect(Object.keys(TRANSITIONS).toSorted()).toEqual(all.toSorted());
  });

  test.each(rows)('agrees with %s', (name = '', ...cells) => {
    const next = (status: Status, deleteRequestedAt: string | null) => {
      const record = changedRecord(testRecord(), { status, deleteRequestedAt });
      if (status === 'processing') record.internal.attemptToken = at.token;
      return TRANSITIONS[name]?.(record)?.status ?? '-';
    };
    const isOnly = cells.at(-1) === 'only';
    const noted = STATUSES.map((status) =>
      next(status, isOnly || isDeletedStatus(status) ? requestedAt : null),
    );
    expect(noted).toEqual(cells.slice(0, -1));
    const deleting = STATUSES.map((status) => next(status, requestedAt));
    const refused = STATUSES.map(() => '-');
    expect(deleting).toEqual(cells.at(-1) === 'no' ? refused : noted);
    if (isOnly) expect(STATUSES.map((status) => next(status, null))).toEqual(refused);
  });
});

test('has the open statuses in Lua, too', async () => {
  const prelude = await readFile(new URL('../../../lua/prelude.lua', import.meta.url), 'utf8');
  const list = OPEN_STATUSES.map((status) => `'${status}'`).join(', ');
  expect(prelude).toContain(`OPEN_STATUSES = { ${list} }`);
});

describe('begin', () => {
  test('takes a queued image and counts the attempt', () => {
    expect(begun()).toMatchObject({
      status: 'processing',
      stage: 'validating',
      attempts: 1,
      internal: { deaths: 0 },
    });
  });
  test('counts a death if the worker of the last attempt died', () => {
    expect(must(attempts.begin(begun(), other, 'validating')).internal.deaths).toBe(1);
  });
  test('counts no death if the last attempt returned the image', () => {
    const released = must(attempts.release(begun(), at));
    expect(must(attempts.begin(released, other, 'validating')).internal.deaths).toBe(0);
  });
  test('refuses another run, a final image and a pending deletion', () => {
    expect(attempts.begin(testRecord(), { ...at, run: 2 }, 'validating')).toBeNull();
    expect(attempts.begin(failed(), at, 'validating')).toBeNull();
    expect(attempts.begin(must(transitions.requestDelete(testRecord())), at, 'validating')).toBeNull();
  });
});

test('refuses every step of an attempt that lost the image', () => {
  const taken = must(attempts.begin(begun(), other, 'validating'));
  expect(attempts.advance(taken, at, 'uploading')).toBeNull();
  expect(endings.fail(taken, at, error, [], RETENTION_MS)).toBeNull();
  expect(attempts.release(taken, at)).toBeNull();
  expect(attempts.advance(taken, other, 'uploading')).not.toBeNull();
});

test('distinguishes the attempts before and after a restore', () => {
  const again = must(attempts.begin(restoreRecord(testRecord(), 1), other, 'validating'));
  expect(attempts.advance(again, at, 'uploading')).toBeNull();
  expect(attempts.release(again, at)).toBeNull();
});

test('ends an attempt at a deletion request', () => {
  const deleting = must(transitions.requestDelete(begun()));
  expect(attempts.advance(deleting, at, 'uploading')).toBeNull();
  expect(transitions.requestDelete(deleting)).toBeNull();
});

test('keeps of a deleted image only its owner, times and the code of its error', () => {
  const personal = '13812345678';
  const record = testRecord({
    externalId: personal,
    metadata: { [personal]: personal },
    batchId: `bat_${'5f'.repeat(16)}`,
    row: 7,
    source: {
      ...testRecord().source,
      url: `https://a.cn/${personal}`,
      filename: `${personal}.jpg`,
      sha256: 'ab'.repeat(32),
    },
  });
  record.internal.webhook = { endpointId: 'whe_1', url: `https://a.cn/${personal}` };
  record.internal.place = 6;
  const failing = must(attempts.begin(record, at, 'validating'));
  const detail = locate(detailOf('not-an-absolute-url', { field: 'url' }), { row: 7, value: personal });
  const invalid = storedError('invalid_row', detail);
  expect(JSON.stringify(invalid)).toContain(personal);
  const ended = must(endings.fail(failing, at, invalid, [], RETENTION_MS));
  const deleted = must(transitions.markDeleted(must(transitions.requestDelete(ended)), RETENTION_MS));
  expect(JSON.stringify(deleted)).not.toContain(personal);
  expect(recordSchema.parse(deleted)).toEqual(deleted);
  const { id, owner, createdAt, batchId } = record;
  expect(deleted).toMatchObject({
    id,
    owner,
    createdAt,
    batchId,
    row: null,
    status: 'deleted',
    timeline: [],
  });
  expect(deleted).toMatchObject({ source: { sha256: null }, error: { code: 'invalid_row' } });
  expect(deleted.internal).toMatchObject({ place: 6, webhook: null, keys: [] });
});

test('keeps the time of the first fault in delayedSince until the image is final', () => {
  const first = must(attempts.delay(begun(), at, RETRY));
  const again = must(attempts.begin(first, other, 'uploading'));
  const second = must(attempts.delay(again, other, RETRY));
  expect(second.internal.delayedSince).toBe(first.internal.delayedSince);
  expect(first.internal.delayedSince).not.toBeNull();
  expect(failed().internal.delayedSince).toBeNull();
});

test('retries only a failed image, with the next run', () => {
  expect(must(transitions.retry(failed()))).toMatchObject({
    status: 'queued',
    run: 2,
    error: null,
    expiresAt: null,
  });
  expect(transitions.retry(testRecord())).toBeNull();
  expect(transitions.retry(must(transitions.requestDelete(failed())))).toBeNull();
});

test('sets expiresAt to the end plus retention', () => {
  const { finishedAt, expiresAt } = failed();
  expect(Date.parse(expiresAt ?? '') - Date.parse(finishedAt ?? '')).toBe(RETENTION_MS);
});

test('restores an image in progress as queued', () => {
  expect(restoreRecord(begun(), 1).status).toBe('queued');
  expect(restoreRecord(failed(), 1).status).toBe('failed');
});

test('bounds the timeline and keeps its beginning', () => {
  let record = begun();
  for (let attempt = 1; attempt < 200; attempt++) record = must(attempts.advance(record, at, 'uploading'));
  expect(record.timeline).toHaveLength(50);
  expect(record.timeline[0]?.stage).toBe('received');
});

describe('a source that is fetched', () => {
  const source = {
    filename: 'a.jpg',
    bytes: 9,
    sha256: 'cd'.repeat(32),
    mediaType: 'image/png',
    declaredType: 'x/y',
    validator: null,
  };
  const unfetched = () => {
    const { source: uploaded, ...rest } = testRecord();
    const nothing = { bytes: null, sha256: null, mediaType: null, filename: null };
    return { ...rest, source: { ...uploaded, ...nothing, kind: 'url' as const } };
  };
  const fetching = () => must(attempts.begin(unfetched(), at, 'fetching'));
  const here = () => must(fetches.fetched(fetching(), at, source));

  test('is handed over within one attempt, without a death', () => {
    expect(here()).toMatchObject({
      status: 'processing',
      source: { kind: 'url', filename: 'a.jpg', bytes: 9, mediaType: 'image/png' },
      internal: { attemptToken: null, declaredType: 'x/y' },
    });
    expect(must(attempts.begin(here(), other, 'validating'))).toMatchObject({
      attempts: 1,
      internal: { deaths: 0, attemptToken: 'second' },
    });
  });
  test('counts failed fetches until it is fetched', () => {
    const later = must(fetches.fetchLater(fetching(), at, RETRY));
    expect(later).toMatchObject({ status: 'queued', internal: { fetches: 1, attemptToken: null } });
    const again = must(attempts.begin(later, other, 'fetching'));
    expect(must(fetches.fetched(again, other, source)).internal.fetches).toBe(0);
  });
  test('has all its fetches again at a retry', () => {
    const later = must(fetches.fetchLater(fetching(), at, RETRY));
    const again = must(attempts.begin(later, other, 'fetching'));
    expect(again.internal.fetches).toBe(1);
    const lost = must(endings.fail(again, other, error, [], RETENTION_MS));
    expect(must(transitions.retry(lost)).internal.fetches).toBe(0);
  });
  test('reports the last error and the time of the next attempt until it is fetched', () => {
    const later = must(fetches.fetchLater(fetching(), at, RETRY));
    expect(later.lastError).toEqual(RETRY.error);
    expect(Date.parse(later.nextAttemptAt ?? '') - Date.now()).toBeGreaterThan(0);
    const again = must(attempts.begin(later, other, 'fetching'));
    expect(again).toMatchObject({ lastError: RETRY.error, nextAttemptAt: null });
    const cleared = { lastError: null, nextAttemptAt: null };
    expect(must(fetches.fetched(again, other, source))).toMatchObject(cleared);
    expect(must(endings.fail(again, other, error, [], RETENTION_MS))).toMatchObject(cleared);
    expect(must(transitions.cancel(later, RETENTION_MS))).toMatchObject(cleared);
  });
  test('is fetched again after a loss and at a retry', () => {
    const decoding = must(attempts.begin(here(), other, 'validating'));
    expect(must(fetches.refetch(decoding))).toMatchObject({
      status: 'queued',
      source: { kind: 'url', bytes: null, sha256: null },
      internal: { attemptToken: null, deaths: 1 },
    });
    const broken = must(endings.fail(decoding, other, error, [], RETENTION_MS));
    expect(must(transitions.retry(broken))).toMatchObject({
      run: 2,
      status: 'queued',
      source: { bytes: null },
    });
  });
  test('remains at a retry if the submission contained it', () => {
    expect(must(transitions.retry(failed())).source.bytes).toBe(3);
  });
  test('refuses an attempt that lost the image', () => {
    expect(fetches.fetched(fetching(), other, source)).toBeNull();
    expect(fetches.fetchLater(fetching(), other, RETRY)).toBeNull();
  });
});

test('cancels an image that is in progress, and no final one', () => {
  const canceled = must(transitions.cancel(begun(), RETENTION_MS));
  expect(canceled).toMatchObject({
    status: 'canceled',
    error: { code: 'canceled' },
    internal: { attemptToken: null },
  });
  expect(canceled.finishedAt).not.toBeNull();
  expect(attempts.advance(canceled, at, 'uploading')).toBeNull();
  expect(attempts.begin(canceled, other, 'validating')).toBeNull();
  expect(transitions.cancel(failed(), RETENTION_MS)).toBeNull();
  expect(transitions.retry(canceled)).toBeNull();
});

test('takes the end of a run from staging at any version, but not for a later run', () => {
  const ended = failed();
  const back = restoreRecord({ ...testRecord(), id: ended.id }, 1);
  expect(back.version).toBeGreaterThan(ended.version);
  expect(stagedIfNewer(back, ended)).toMatchObject({ status: 'failed', error });
  expect(stagedIfNewer({ ...back, run: 2 }, ended)).toBe(null);
  expect(stagedIfNewer({ ...ended, version: back.version }, ended)).toBe(null);
  expect(stagedIfNewer(testRecord(), back)).toMatchObject({ id: ended.id });
});

test('reports lost keys until the image is deleted, also when another attempt publishes it', () => {
  const lost = restoreRecord(testRecord(), 1);
  const canceled = must(transitions.cancel(lost, RETENTION_MS));
  const attempted = must(attempts.begin(lost, at, 'validating'));
  const published = must(endings.publish(attempted, at, PUBLICATION, RETENTION_MS));
  for (const record of [lost, canceled, published, restoreRecord(published, 2)])
    expect(record.internal.keysLost).toBe(true);
  const untouched = must(transitions.cancel(testRecord(), RETENTION_MS));
  expect(restoreRecord(untouched, 1).internal.keysLost).toBe(false);
});

test('keeps the record of an image until the image is to be deleted', () => {
  const deleteAt = new Date(Date.now() + 3600_000).toISOString();
  const canceled = must(transitions.cancel(testRecord({ deleteAt }), RETENTION_MS));
  expect(canceled.expiresAt).toBe(deleteAt);
  expect(must(transitions.cancel(testRecord(), RETENTION_MS)).expiresAt).not.toBe(deleteAt);
  expect(transitions.keep(testRecord())).toBeNull();
});

test('holds an image without an attempt, until a decision', () => {
  const held = must(attempts.review(begun(), at, HELD, 'subject'));
  expect([isHeld(held), held.stage, held.internal.attemptToken]).toEqual([true, 'reviewing', null]);
  expect(isHeld(must(transitions.requestDelete(held)))).toBe(false);
  const decided = must(transitions.decide(held, { ...HELD, decision: 'reject' }));
  expect([isHeld(decided), decided.status]).toEqual([false, 'processing']);
  expect(transitions.decide(decided, { ...HELD, decision: 'approve' })).toBeNull();
  const resumed = must(attempts.begin(decided, other, 'reviewing'));
  expect([resumed.attempts, resumed.timeline]).toEqual([held.attempts, held.timeline]);
});

test('retries no rejected image', () => {
  const rejected = storedError('content_rejected');
  const record = must(endings.fail(begun(), at, rejected, [], RETENTION_MS));
  expect(transitions.retry(record)).toBeNull();
});

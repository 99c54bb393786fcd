import { TRUNCATED } from '../pictures.js';
import type { Recording } from '../recording.js';
import { json } from './submitting.js';

const FAILURES = '/v1/failures';
const RETRY = `POST ${FAILURES}/retry`;

/** The failed images of an owner. */
export async function recordFailures({ send, sendInBoth, settle }: Recording): Promise<void> {
  await send('nothing failed', `GET ${FAILURES}`);
  const { body: image } = await send('a truncated image', 'POST /v1/images', { body: TRUNCATED });
  await settle(`/v1/images/${image.id}`);
  await sendInBoth('its group', `GET ${FAILURES}`);
  await send('one page', `GET ${FAILURES}?limit=1`);
  for (const query of [
    'code=image_truncated',
    'code=source_timeout',
    'host=h',
    'since=2026-01-05T08:00:00Z',
    'until=2026-01-05T08:00:00Z',
  ])
    await send(query, `GET ${FAILURES}?${query}`);
  await send('the failures of another owner', `GET ${FAILURES}`, { as: 'other' });
  for (const query of [
    'code=none',
    'host=',
    'since=yesterday',
    'until=today',
    'cursor=x',
    'limit=0',
    'batchId=x',
  ])
    await sendInBoth(query, `GET ${FAILURES}?${query}`);

  const once = json({ code: 'image_truncated', host: null });
  const withKey = { ...once, headers: { ...once.headers, 'Idempotency-Key': 'retry' } };
  const { body: retry } = await send('a retry', RETRY, withKey);
  const progress = `${FAILURES}/retry/${retry.id}`;
  await settle(progress);
  await send('its progress', `GET ${progress}`);
  await send('the retry again', RETRY, withKey);
  await sendInBoth('another retry with its key', RETRY, { ...withKey, body: '{}' });
  await sendInBoth('its progress for another owner', `GET ${progress}`, { as: 'other' });
  await sendInBoth('the progress of no retry', `GET ${FAILURES}/retry/x`);
  const nothing = await send('a retry of nothing', RETRY, json({ host: 'h' }));
  await settle(`${FAILURES}/retry/${nothing.body.id}`);
  const day = { since: '2026-01-05T00:00:00Z', until: '2026-01-06T00:00:00+08:00' };
  const past = await send('a retry of a day without failures', RETRY, json(day));
  await settle(`${FAILURES}/retry/${past.body.id}`);
  for (const body of [{ code: 'none' }, { since: 1 }, { hosts: 'h' }, []])
    await sendInBoth(`invalid: ${JSON.stringify(body)}`, RETRY, json(body));
}

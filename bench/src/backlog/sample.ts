import { uploadTo } from '../api/upload-to.js';
import { arrive } from '../arrivals/arrive.js';
import { type Picture, pictureAt } from '../landing/pictures.js';
import { rawOf, send } from '../landing/send.js';
import type { Installation } from './installation.js';

/** Response times in ms, by kind of request, and why requests failed. */
export interface Sample extends Record<'accept' | 'status' | 'lists', readonly number[]> {
  failures: readonly string[];
}

/** Together less than half of a core: the times contain little waiting for other requests. */
const UPLOADS_PER_SECOND = 30;
const POLLS_PER_SECOND = 200;
const LISTS_PER_SECOND = 10;

/** What a console, a monitoring system or a caller asks for again and again. */
const LISTS = [
  '/v1/images',
  '/v1/images?status=queued',
  '/v1/images?status=published',
  '/v1/images?status=failed',
  '/v1/images?externalId=none',
  '/v1/images?aiLabel=any',
  '/v1/batches',
  '/v1/failures',
  '/v1/throughput',
  '/readyz',
  '/metrics',
];

/** Uploads pictures, polls images and reads lists at the same time. */
export async function sample(
  { url, adminKey, polled }: Installation,
  pictures: readonly Picture[],
  seconds: number,
): Promise<Sample> {
  const [accepted, read, listed] = await Promise.all([
    arrive({ perSecond: UPLOADS_PER_SECOND, seconds }, (i) => uploadTo(url, rawOf(pictureAt(pictures, i)))),
    arrive({ perSecond: POLLS_PER_SECOND, seconds }, (i) => timeOf(at(polled, i))),
    arrive({ perSecond: LISTS_PER_SECOND, seconds }, (i) => timeOf(at(LISTS, i))),
  ]);
  return {
    accept: accepted.results,
    status: read.results,
    lists: listed.results,
    failures: [accepted, read, listed].flatMap(({ failures }) => failures),
  };

  async function timeOf(path: string): Promise<number> {
    const began = performance.now();
    await send(`${url}${path}`, { method: 'GET', headers: { authorization: `Bearer ${adminKey}` } });
    return performance.now() - began;
  }
}

function at<T>(items: readonly T[], place: number): T {
  const item = items[place % items.length];
  if (item === undefined) throw new RangeError('no items');
  return item;
}

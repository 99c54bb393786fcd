import { photo } from '@pixdock/e2e/harness/pictures';
import type { Rows } from './rows.js';
import { accept, type BatchRun, follow, type Parts } from './run-batch.js';
import { type SingleUploads, uploadSingly } from './single-uploads.js';
import { submit } from './submit.js';

/** All measurements. */
export interface Measured {
  idle: SingleUploads;
  busy: SingleUploads;
  level: BatchRun;
  large: BatchRun;
}

/** Uploads before the first measurement, which warm up the lanes and the code. */
const WARM_UP = 10;
/** 300 uploads last as long as a batch of 100,000 rows, about 20 minutes. */
const PAUSE_BESIDE_MS = 4000;

/** Runs single uploads alone, a small batch alone, then a large one with single uploads of another owner beside it. */
export async function measure(
  parts: Parts,
  small: Rows,
  large: Rows,
  singleUploads: number,
): Promise<{ measured: Measured; urls: string[] }> {
  const { stack } = parts;
  const picture = await photo(640, 480);
  const warm = await uploadSingly(stack, picture, { count: WARM_UP, pauseMs: 0 });
  const idle = await uploadSingly(stack, picture, { count: singleUploads, pauseMs: 0 });
  const send = (rows: Rows) => accept(parts, rows, (to, signal) => submit(to, rows, signal));
  const level = await follow(parts, await send(small));
  const accepted = await send(large);
  const ended = new AbortController();
  const [run, busy] = await Promise.all([
    follow(parts, accepted).finally(() => ended.abort()),
    uploadSingly(stack, picture, { count: singleUploads, pauseMs: PAUSE_BESIDE_MS, ended: ended.signal }),
  ]);
  const urls = [warm, idle, busy].flatMap((uploads) => uploads.urls);
  return { measured: { idle, busy, level, large: run }, urls };
}

/** Points on the path of an image, a batch, a decision and a deletion where a test may kill or stop the process. */
export const FAULTPOINTS = [
  'key-claimed',
  'image-staged',
  'image-recorded',
  'image-queued',
  'bytes-appended',
  'batch-staged',
  'batch-recorded',
  'batch-queued',
  'item-recorded',
  'item-entered',
  'item-queued',
  'fetch-begun',
  'fetch-brought',
  'fetch-handed-over',
  'run-begun',
  'run-rendered',
  'review-noted',
  'decision-noted',
  'run-keys-noted',
  'variant-stored',
  'main-stored',
  'run-verified',
  'run-finished',
  'outcome-written',
  'run-settled',
  'batch-ending',
  'batch-closed',
  'image-kept',
  'deletion-due',
  'older-requested',
  'object-removed',
  'image-deleted',
] as const;
export type Faultpoint = (typeof FAULTPOINTS)[number];

let strike: ((name: Faultpoint, subject: string | null) => void) | null = null;

/**
 * Kills or stops the process if it is armed for this point.
 * @param subject the externalId of the image, so that a test can choose one
 */
export function faultpoint(name: Faultpoint, subject: string | null = null): void {
  strike?.(name, subject);
}

/**
 * Arms this process. `main-stored` kills it with SIGKILL when it first reaches that point, `main-stored:3` the third time,
 * `run-begun@sku-1` when the image `sku-1` does; `main-stored!STOP` stops it until SIGCONT. With `by-message` the parent arms
 * it any number of times by messages `{ faultpoint: 'main-stored' }`. For tests; unarmed, a point costs a comparison.
 * @throws TypeError for an unknown point
 */
export function armFaultpoint(spec: string | undefined): void {
  if (spec === undefined || spec === '') return;
  if (spec === 'by-message') process.on('message', armByMessage);
  else arm(spec);
}

function armByMessage({ faultpoint: spec }: { faultpoint: string }): void {
  arm(spec);
  process.send?.({ type: 'armed' });
}

function arm(spec: string): void {
  const [, name, nth = '1', subject, stop] = /^([\w-]+)(?::(\d+))?(?:@([^!]+))?(!STOP)?$/.exec(spec) ?? [];
  if (!FAULTPOINTS.some((known) => known === name)) throw new TypeError(`no faultpoint ${spec}`);
  let remaining = Number(nth);
  strike = (passed, by) => {
    if (passed !== name || (subject !== undefined && by !== subject)) return;
    if (--remaining === 0) process.kill(process.pid, stop === undefined ? 'SIGKILL' : 'SIGSTOP');
  };
}

/** Places at which a test may kill or stop the process, along the path of an image, of a batch and of a deletion. */
export const FAULTPOINTS = [
  'key-claimed',
  'image-staged',
  'image-recorded',
  'image-queued',
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
  'run-keys-noted',
  'variant-stored',
  'main-stored',
  'run-verified',
  'run-finished',
  'run-settled',
  'object-removed',
  'image-deleted',
] as const;
export type Faultpoint = (typeof FAULTPOINTS)[number];

let strike: ((name: Faultpoint, subject: string | null) => void) | null = null;

/**
 * Does nothing, unless the process was armed for it.
 * @param subject what passes, where a test wants to choose: the externalId of an image
 */
export function faultpoint(name: Faultpoint, subject: string | null = null): void {
  strike?.(name, subject);
}

/**
 * Arms this process: `main-stored` kills it, with SIGKILL, where it first comes to that place, `main-stored:3` where it
 * does so for the third time, `run-begun@sku-1` when `sku-1` does; `main-stored!STOP` stops it there, until SIGCONT.
 * With `by-message` the parent arms it, as often as it likes, by messages `{ faultpoint: 'main-stored' }`. For tests; unset,
 * faultpoints cost a comparison.
 * @throws TypeError for a place that does not exist
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
  let left = Number(nth);
  strike = (passed, by) => {
    if (passed !== name || (subject !== undefined && by !== subject)) return;
    if (--left === 0) process.kill(process.pid, stop === undefined ? 'SIGKILL' : 'SIGSTOP');
  };
}

/** Places at which a test may kill the process, along the path of an image, of a batch and of a deletion. */
export const FAULTPOINTS = [
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

let kill: ((name: Faultpoint) => void) | null = null;

/** Does nothing, unless the process was armed for it. */
export function faultpoint(name: Faultpoint): void {
  kill?.(name);
}

/**
 * Arms this process: `main-stored` kills it, with SIGKILL, where it first comes to that place, `main-stored:3` where it
 * does so for the third time. For tests; unset, faultpoints cost a comparison.
 * @throws TypeError for a place that does not exist
 */
export function armFaultpoint(spec: string | undefined): void {
  if (spec === undefined || spec === '') return;
  const [name, nth = '1'] = spec.split(':');
  if (!FAULTPOINTS.some((known) => known === name)) throw new TypeError(`no faultpoint ${name}`);
  let left = Number(nth);
  kill = (passed) => {
    if (passed === name && --left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

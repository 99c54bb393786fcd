import { openProbe, type Probe, type ProbeResponse } from '@pixdock/object-store/probe';
import type { StoreSettings } from '@pixdock/object-store/settings';
import { asError } from '@pixdock/shared/runtime/as-error';
import { sleep } from '@pixdock/shared/runtime/clock';
import { text } from '../messages/conformance.js';
import { CannotRun } from '../run-command.js';
import { answerOf } from './observations.js';

interface TestBucket extends AsyncDisposable {
  /** Whether the run made it. Another bucket keeps its settings, and all but what the run puts into it. */
  isOwn: boolean;
}

/**
 * Makes the bucket of the settings unless it exists. At the end, deletes a bucket that was made; `onLeft` tells why it cannot.
 * @throws CannotRun, StorageFault
 */
export async function openTestBucket(
  settings: StoreSettings,
  onLeft: (reason: string) => void,
): Promise<TestBucket> {
  const probe = openProbe(settings);
  try {
    const isOwn = await makeUnlessExists(probe);
    return { isOwn, [Symbol.asyncDispose]: () => dispose(probe, isOwn, onLeft) };
  } catch (error) {
    probe.stop();
    throw error;
  }
}

// A PutBucket for a bucket that exists would change its ACL.
async function makeUnlessExists(probe: Probe): Promise<boolean> {
  const info = await probe.send({ method: 'GET', query: { bucketInfo: '' } });
  // Also without the right to read it, which Pixdock does not need.
  if (info.status === 200 || info.code === 'AccessDenied') return false;
  if (info.code !== 'NoSuchBucket') throw refused(info);
  try {
    const made = await probe.send({ method: 'PUT' });
    if (made.status !== 200) throw refused(made);
    return true;
  } catch (error) {
    // The response may be lost, and the bucket made.
    if (!(error instanceof CannotRun)) await probe.send({ method: 'DELETE' }).catch(() => {});
    throw error;
  }
}

const refused = (response: ProbeResponse) =>
  new CannotRun(text('bucket-refused', { answer: answerOf(response) }), text('bucket-refused.fix'));

async function dispose(probe: Probe, isOwn: boolean, onLeft: (reason: string) => void): Promise<void> {
  const reason = isOwn ? await removeBucket(probe) : null;
  probe.stop();
  if (reason !== null) onLeft(reason);
}

/** @returns why the bucket remains, or null */
async function removeBucket(probe: Probe): Promise<string | null> {
  let reason = '';
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (attempt > 1) await sleep(PAUSE_MS);
    try {
      const response = await probe.send({ method: 'DELETE' });
      if (response.status === 204 || response.code === 'NoSuchBucket') return null;
      reason = answerOf(response);
    } catch (error) {
      reason = asError(error).message;
    }
  }
  return reason;
}

const TRIES = 5;
const PAUSE_MS = 1000;

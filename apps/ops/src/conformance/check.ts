import type { Text } from '@pixdock/contract/messages/text';
import { StorageFault } from '@pixdock/object-store/types';
import { asError } from '@pixdock/shared/runtime/as-error';
import { text } from '../messages/conformance.js';
import type { Bench } from './bench.js';
import { faultOf } from './observations.js';

/** The rows of the report, in its order. */
export const TOPICS = [
  'storing',
  'overwriting',
  'metadata',
  'listing',
  'deleting',
  'errors',
  'clock',
  'temporary-keys',
  'public-reads',
  'cors',
  'own-domain',
  'pictures',
] as const;

export type Topic = (typeof TOPICS)[number];

/** One thing that Pixdock relies on. */
export interface Check {
  topic: Topic;
  name: string;
  /** The behavior that the vendor documents, which is that of the local OSS. */
  expected: string;
  /**
   * Tries it and returns the behavior of this bucket; a StorageFault becomes its kind, status, code and EC.
   * @throws CannotCheck
   */
  observe: (bench: Bench) => Promise<string>;
}

export type Result = Pick<Check, 'topic' | 'name' | 'expected'> & { ms: number } & (
    | { verdict: 'passed' | 'differs'; observed: string }
    | { verdict: 'unchecked'; reason: Text }
  );

/** A check that this account, bucket or machine does not allow. */
export class CannotCheck extends Error {
  override readonly name = 'CannotCheck';

  constructor(readonly reason: Text) {
    super(reason.en);
  }
}

/** @throws the reason of the signal once it aborts */
export async function runCheck(check: Check, bench: Bench): Promise<Result> {
  const { topic, name, expected, observe } = check;
  const { signal } = bench;
  const startedAt = performance.now();
  const about = () => ({ topic, name, expected, ms: Math.round(performance.now() - startedAt) });
  signal?.throwIfAborted();
  try {
    let observed = '';
    const fault = await faultOf(async () => {
      observed = await observe(bench).catch(rethrowUnlessUnlisted);
    });
    if (fault !== 'no fault') observed = fault;
    return { ...about(), verdict: observed === expected ? 'passed' : 'differs', observed };
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof CannotCheck) return { ...about(), verdict: 'unchecked', reason: thrown.reason };
    // For example a listing that cannot be decoded. The message may contain a URL.
    return { ...about(), verdict: 'differs', observed: asError(thrown).name };
  }
}

/** The rights that Pixdock needs do not include the listing. */
function rethrowUnlessUnlisted(thrown: unknown): never {
  const isDenied =
    thrown instanceof StorageFault && thrown.operation === 'list' && thrown.facts.code === 'AccessDenied';
  throw isDenied ? new CannotCheck(text('no-right', { action: 'oss:ListObjects' })) : thrown;
}

import type { ProbeResponse } from '@pixdock/object-store/probe';
import { type NewObject, type ObjectStore, StorageFault } from '@pixdock/object-store/types';
import { Finding } from '../doctor/finding.js';

/** The result of a call that is to fail, in words without secrets. */
export async function faultOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'no fault';
  } catch (thrown) {
    if (thrown instanceof Finding) return thrown.message;
    if (!(thrown instanceof StorageFault)) throw thrown;
    const { kind, status, code, ecCode } = thrown.facts;
    return [kind, status === null ? 'no response' : `status ${status}`, code, ecCode && `EC ${ecCode}`]
      .filter(Boolean)
      .join(', ');
  }
}

export async function afterPut(store: ObjectStore, object: NewObject): Promise<string> {
  const put = await store.put(object);
  if (put.outcome !== 'stored') return put.outcome;
  return put.etag === object.md5 ? 'stored, ETag is the MD5' : 'stored, another ETag';
}

export const sameOrOther = (what: string, isSame: boolean) => `${isSame ? 'same' : 'other'} ${what}`;

export const foundOrNot = (object: unknown) => (object === null ? 'not found' : 'found');

export function isSameMetadata(
  actual: Readonly<Record<string, string>>,
  sent: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(sent).every(([name, value]) => actual[name] === value);
}

export async function namesIn(store: ObjectStore, prefix: string, after: string | null): Promise<string> {
  const names: string[] = [];
  for await (const { key } of store.list(prefix, after)) names.push(key.slice(prefix.length));
  return names.join(' ');
}

/** A response without what differs from call to call. */
export function answerOf({
  status,
  code,
  ecCode,
}: Pick<ProbeResponse, 'status' | 'code' | 'ecCode'>): string {
  return [`status ${status}`, code, ecCode && `EC ${ecCode}`].filter(Boolean).join(', ');
}

/** `2 stored, 1 exists`: how often each word occurs, in an order that does not depend on theirs. */
export function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? 1 : -1))
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

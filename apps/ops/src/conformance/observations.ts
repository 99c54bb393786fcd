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

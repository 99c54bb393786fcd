import { algorithm, scopeOf, signV4 } from '../auth/v4.js';
import { type Answer, send, toDateTime } from './http.js';
import type { TestOss } from './test-oss.js';

export const hour = 3_600_000;
/** What is unusual about a form. */
export type Change = {
  conditions?: unknown[];
  /** Conditions instead of the usual ones. */
  only?: unknown[];
  expiration?: unknown;
  fields?: Record<string, string>;
  without?: string[];
  ahead?: number;
  file?: string;
  secret?: string;
  policy?: string;
};

/** Posts `hello` as `up/a.png`, with a policy that allows just that. */
export function post(oss: TestOss, change: Change): Promise<Answer> {
  return send(oss, form(oss, change));
}

export function form(oss: TestOss, change: Change) {
  const dateTime = toDateTime(Date.now() + (change.ahead ?? 0));
  const signing: Record<string, string> = {
    'x-oss-signature-version': algorithm,
    'x-oss-credential': `${oss.accessKeyId}/${scopeOf(dateTime, oss.region)}`,
    'x-oss-date': dateTime,
  };
  const usual = [{ bucket: 'lab-bucket' }, ['eq', '$key', 'up/a.png'], ...Object.keys(signing)];
  const named = (condition: unknown) =>
    typeof condition === 'string' ? { [condition]: signing[condition] } : condition;
  const conditions = [...(change.only ?? usual), ...(change.conditions ?? [])].map(named);
  const expiration = change.expiration ?? new Date(Date.now() + hour).toISOString();
  const policy = Buffer.from(change.policy ?? JSON.stringify({ expiration, conditions })).toString('base64');
  const signature = signV4(change.secret ?? oss.accessKeySecret, dateTime, oss.region, policy);
  const fields = { key: 'up/a.png', policy, ...signing, 'x-oss-signature': signature, ...change.fields };
  const parts = Object.entries(fields)
    .filter(([name]) => !change.without?.includes(name))
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const file = 'Content-Disposition: form-data; name="file"; filename="file.gif"\r\nContent-Type: image/gif';
  const body = Buffer.from(`${parts.join('')}--b\r\n${file}\r\n\r\n${change.file ?? 'hello'}\r\n--b--\r\n`);
  const headers = {
    'content-type': 'multipart/form-data; boundary=b',
    'content-length': String(body.length),
  };
  return { method: 'POST', path: '/lab-bucket/', headers, body };
}

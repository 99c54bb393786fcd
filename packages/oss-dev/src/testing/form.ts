import { algorithm, scopeOf, signV4 } from '../auth/v4.js';
import { send, type TestResponse, toDateTime } from './http.js';
import type { TestOss } from './test-oss.js';

export const hour = 3_600_000;
/** Deviations from the default form. */
export type FormOverrides = {
  conditions?: unknown[];
  /** Replaces the default conditions. */
  only?: unknown[];
  expiration?: unknown;
  fields?: Record<string, string>;
  without?: string[];
  clockAheadMs?: number;
  file?: string;
  secret?: string;
  policy?: string;
};

/** Posts `hello` as `up/a.png` with a policy that allows exactly this. */
export function post(oss: TestOss, overrides: FormOverrides): Promise<TestResponse> {
  return send(oss, form(oss, overrides));
}

export function form(oss: TestOss, overrides: FormOverrides) {
  const dateTime = toDateTime(Date.now() + (overrides.clockAheadMs ?? 0));
  const signing: Record<string, string> = {
    'x-oss-signature-version': algorithm,
    'x-oss-credential': `${oss.accessKeyId}/${scopeOf(dateTime, oss.region)}`,
    'x-oss-date': dateTime,
  };
  const defaults = [{ bucket: 'lab-bucket' }, ['eq', '$key', 'up/a.png'], ...Object.keys(signing)];
  const named = (condition: unknown) =>
    typeof condition === 'string' ? { [condition]: signing[condition] } : condition;
  const conditions = [...(overrides.only ?? defaults), ...(overrides.conditions ?? [])].map(named);
  const expiration = overrides.expiration ?? new Date(Date.now() + hour).toISOString();
  const policy = Buffer.from(overrides.policy ?? JSON.stringify({ expiration, conditions })).toString(
    'base64',
  );
  const signature = signV4(overrides.secret ?? oss.accessKeySecret, dateTime, oss.region, policy);
  const fields = { key: 'up/a.png', policy, ...signing, 'x-oss-signature': signature, ...overrides.fields };
  const parts = Object.entries(fields)
    .filter(([name]) => !overrides.without?.includes(name))
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const file = 'Content-Disposition: form-data; name="file"; filename="file.gif"\r\nContent-Type: image/gif';
  const body = Buffer.from(
    `${parts.join('')}--b\r\n${file}\r\n\r\n${overrides.file ?? 'hello'}\r\n--b--\r\n`,
  );
  const headers = {
    'content-type': 'multipart/form-data; boundary=b',
    'content-length': String(body.length),
  };
  return { method: 'POST', path: '/lab-bucket/', headers, body };
}

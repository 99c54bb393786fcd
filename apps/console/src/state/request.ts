import { PixdockApiError } from '@pixdock/client';
import { t } from '../messages/say.js';
import { language } from './preferences.js';
import { apiKey } from './session.js';

/** Reads a page for which the client has no method. @throws PixdockApiError, or an error without a response */
export async function ask(path: string, signal: AbortSignal, key = apiKey.value ?? ''): Promise<Response> {
  const headers = { Authorization: `Bearer ${key}`, 'Accept-Language': language.value };
  const request = { headers: { Accept: 'application/json', ...headers }, signal };
  const response = await fetch(path, request).catch((error: unknown) => {
    throw error instanceof TypeError ? new Error(t('no-response')) : error;
  });
  if (response.ok) return response;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<PixdockApiError> {
  const { status, statusText } = response;
  const none = { code: 'unexpected_answer', title: String(status), detail: statusText, retryable: false };
  const problem = await response.json().catch(() => none);
  return new PixdockApiError({ ...none, ...problem, status });
}

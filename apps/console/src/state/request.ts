import { PixdockApiError } from '@pixdock/client';
import { language } from './preferences.js';
import { apiKey } from './session.js';

/** Reads a page for which the client has no method. @throws PixdockApiError */
export async function ask(path: string, signal: AbortSignal): Promise<Response> {
  const headers = { Authorization: `Bearer ${apiKey.value ?? ''}`, 'Accept-Language': language.value };
  const response = await fetch(path, { headers: { Accept: 'application/json', ...headers }, signal });
  if (response.ok) return response;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<PixdockApiError> {
  const { status, statusText } = response;
  const none = { code: 'unexpected_answer', title: String(status), detail: statusText, retryable: false };
  const problem = await response.json().catch(() => none);
  return new PixdockApiError({ ...none, ...problem, status });
}

import { problemSchema } from '@pixdock/contract/problem';
import type { ApiState } from './facts.js';

const RESPONSE_MS = 3000;

/** Asks `/readyz`. */
export async function readApi(url: string, isGiven: boolean): Promise<ApiState> {
  try {
    const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(RESPONSE_MS) });
    if (response.ok) return { url, isGiven, readiness: 'ready' };
    return { url, isGiven, readiness: problemSchema.parse(await response.json()).code };
  } catch {
    // Also a server that is not Pixdock.
    return { url, isGiven, readiness: 'unreachable' };
  }
}

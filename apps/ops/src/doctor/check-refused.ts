import { text } from '../messages/doctor.js';
import { type FindingCode } from '../messages/findings.js';
import { fetchPublicUrl } from './fetch-public-url.js';
import { Finding } from './finding.js';

/** Reads an object without a signature, which must be refused. @returns the status @throws Finding with `code` if anyone can read it */
export async function checkRefused(url: string, code: FindingCode): Promise<number> {
  const { status } = await fetchPublicUrl(url);
  if (status !== 401 && status !== 403) throw new Finding(code, text('status', { status }));
  return status;
}

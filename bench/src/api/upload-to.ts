import { type Sent, send } from '../landing/send.js';
import { KEY } from './start-api.js';

/** @returns ms until the upload was accepted */
export async function uploadTo(url: string, { headers, ...sent }: Sent): Promise<number> {
  const began = performance.now();
  await send(`${url}/v1/images`, { ...sent, headers: { ...headers, authorization: `Bearer ${KEY}` } });
  return performance.now() - began;
}

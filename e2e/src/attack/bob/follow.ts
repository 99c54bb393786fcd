import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/** Follows bob's event stream, and calls back with each published image and how long its event took. */
export async function followEvents(
  port: number,
  onEvent: (imageId: string, delayMs: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const headers = { Authorization: 'Bearer key-of-the-owner-bob' };
  const response = await fetch(`http://127.0.0.1:${port}/v1/events`, { headers, signal });
  if (!response.ok) throw new Error(`stream ${response.status}`);
  const body = Readable.fromWeb(response.body as ReadableStream);
  for await (const line of createInterface({ input: body })) {
    if (!line.startsWith('data:')) continue;
    const { id, status, finishedAt } = JSON.parse(line.slice('data:'.length)) as Record<string, string>;
    if (id !== undefined && status === 'published')
      onEvent(id, Math.max(0, Date.now() - Date.parse(finishedAt ?? '')));
  }
  throw new Error('stream cut');
}

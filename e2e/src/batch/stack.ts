import { type SourceServer, startSourceServer } from '@pixdock/shared/testing/source-server';
import { picture } from '../harness/pictures.js';
import { type Stack, startStack } from '../harness/stack.js';

/** Names of the images at `/image/NAME/ANYTHING` of both source servers: different small JPEGs, and `webp`. */
const IMAGES = ['a', 'b', 'c', 'd', 'e'] as const;

export interface BatchStack extends Stack {
  /** A source server that the worker may reach. */
  source: SourceServer;
  /** A second source server, on another port. */
  other: SourceServer;
}

/** All parts and two source servers; the worker may reach these and the `allowed` addresses. */
export async function startBatchStack(
  extra: Record<string, string> = {},
  allowed: string[] = [],
): Promise<BatchStack> {
  const type: string = 'image/jpeg';
  const images = Object.fromEntries(
    await Promise.all(IMAGES.map(async (name, i) => [name, { bytes: await tiny(20 + i), type }] as const)),
  );
  images.webp = { bytes: await picture(30, 30).webp().toBuffer(), type: 'image/webp' };
  const [source, other] = await Promise.all([startSourceServer({ images }), startSourceServer({ images })]);
  const stack = await startStack({
    SOURCE_ALLOW: [source.host, other.host, ...allowed].join(),
    ...extra,
  });
  const stopStack = stack.stop.bind(stack);
  return Object.assign(stack, {
    source,
    other,
    async stop() {
      try {
        await stopStack();
      } finally {
        await Promise.all([source.stop(), other.stop()]);
      }
    },
  });
}

export const tiny = (size: number) => picture(size, size).jpeg({ quality: 70 }).toBuffer();

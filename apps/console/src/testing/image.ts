import type { Image } from '@pixdock/client';

const TIME = '2026-11-28T00:00:00.000Z';

/** A published image without variants, with changes. */
export function testImage(changes: Partial<Image> = {}): Image {
  return {
    id: `img_${'0'.repeat(32)}`,
    status: 'published',
    stage: 'published',
    version: 1,
    run: 1,
    attempts: 1,
    owner: 'acme',
    profile: 'default',
    externalId: null,
    metadata: {},
    batchId: null,
    row: null,
    position: null,
    createdAt: TIME,
    updatedAt: TIME,
    finishedAt: TIME,
    expiresAt: null,
    deleteRequestedAt: null,
    source: SOURCE,
    url: null,
    variants: {},
    placeholder: null,
    receipt: null,
    timeline: [],
    error: null,
    lastError: null,
    nextAttemptAt: null,
    reusedId: null,
    deleteAt: null,
    ...changes,
  };
}

export const SOURCE: Image['source'] = {
  kind: 'url',
  url: null,
  filename: null,
  bytes: null,
  sha256: null,
  mediaType: 'image/jpeg',
  width: null,
  height: null,
  frames: 1,
};

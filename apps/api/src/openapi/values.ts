const TIME = '2026-01-05T08:00:00.000Z';
const HEX = '5f'.repeat(16);
const PATH = `5f/${HEX}`;

/** Example values of members, by name. A null means that the example has none. */
export const VALUES: Readonly<Record<string, unknown>> = {
  aiLabel: null,
  batchId: null,
  bytes: 482_113,
  cancelRequestedAt: null,
  canceled: 0,
  code: null,
  color: '#a8b2c0',
  colorProfile: 'sRGB',
  columns: ['url'],
  copyright: null,
  declaredType: 'image/jpeg',
  deleteRequestedAt: null,
  deleted: 0,
  detectedType: 'image/jpeg',
  disabledAt: null,
  encoder: 'encoder 1',
  endpointId: `whe_${HEX}`,
  error: null,
  etaSeconds: null,
  etag: HEX.toUpperCase(),
  externalId: 'sku-1',
  failed: 1,
  faults: [],
  filename: 'photo.jpg',
  frames: 1,
  gainMap: null,
  gpsRemoved: true,
  grew: null,
  height: 1200,
  invalid: 0,
  itemsPerSecond: null,
  key: `${PATH}/main.jpg`,
  lastError: null,
  latencyMs: 42,
  maxBytes: 10_485_760,
  maxCount: 10,
  mediaType: 'image/jpeg',
  metadata: { season: '2027' },
  nextAttemptAt: null,
  orientationApplied: 6,
  origins: ['https://shop.example.com'],
  owner: 'acme',
  placeholder: { thumbhash: 'HBkSHYSIeHiPiHh8eJd4eTN0EEQG', color: '#a8b2c0' },
  position: null,
  previousSecretEndsAt: null,
  processing: 0,
  profile: 'default',
  profileVersion: '4d5f0a1c',
  progress: 1,
  published: 2,
  queued: 0,
  removed: ['exif', 'xmp'],
  resized: false,
  resent: 12,
  row: null,
  rows: 3,
  run: 1,
  secret: `whsec_${'A'.repeat(43)}=`,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  since: TIME,
  token: 'pxu_example',
  total: 3,
  url: `https://img.example.com/${PATH}/main.jpg`,
  valid: 3,
  variants: {},
  version: 7,
  webhookUrl: null,
  width: 1600,
};

/** Values of the members of a component, or of one inside it, in place of those of the same name. */
export const COMPONENT_VALUES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  FailureGroup: { code: 'source_timeout', host: 'img.example.com', retryable: true },
  Profile: {
    name: 'default',
    version: '4d5f0a1c9e27',
    variants: { main: { fit: 'inside', format: 'keep', width: 2560, height: 2560 } },
  },
  Image: {
    status: 'published',
    stage: 'published',
    source: {
      kind: 'upload',
      url: null,
      filename: 'photo.jpg',
      bytes: 482_113,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      mediaType: 'image/jpeg',
      width: 1600,
      height: 1200,
      frames: 1,
    },
    variants: {
      main: {
        url: `https://img.example.com/${PATH}/main.jpg`,
        key: `${PATH}/main.jpg`,
        width: 1600,
        height: 1200,
        bytes: 391_004,
        mediaType: 'image/jpeg',
        etag: HEX.toUpperCase(),
      },
    },
    timeline: [
      { stage: 'received', at: TIME },
      { stage: 'published', at: '2026-01-05T08:00:01.250Z' },
    ],
  },
  Batch: { status: 'finished', profile: 'default' },
  UploadToken: { id: 'tok_example' },
  WebhookEndpoint: { id: `whe_${HEX}`, url: 'https://shop.example.com/hook', events: ['image.published'] },
  CreatedWebhookEndpoint: {
    id: `whe_${HEX}`,
    url: 'https://shop.example.com/hook',
    events: ['image.published'],
  },
  WebhookTest: { id: `msg_${HEX}` },
  WebhookDelivery: { id: `msg_${HEX}`, status: 'delivered', attempts: [attempt()] },
  WebhookRecovery: { id: `whr_${HEX}` },
};

function attempt() {
  return { at: TIME, status: 204, error: null, latencyMs: 42 };
}

/** Members of an image before its run, in place of those of a published one. */
export const QUEUED: Readonly<Record<string, unknown>> = {
  status: 'queued',
  stage: 'received',
  version: 1,
  attempts: 0,
  finishedAt: null,
  expiresAt: null,
  url: null,
  variants: {},
  placeholder: null,
  receipt: null,
  timeline: [{ stage: 'received', at: TIME }],
};

/** Members of a batch while it runs. */
export const RUNNING: Readonly<Record<string, unknown>> = {
  status: 'running',
  version: 1,
  counts: { queued: 3, processing: 0, published: 0, failed: 0, canceled: 0, deleted: 0 },
  progress: 0,
  finishedAt: null,
  expiresAt: null,
};

/** Responses of other types than JSON, by operation. */
export const TEXTS: Readonly<Record<string, string>> = {
  streamImage: 'retry: 1000\nid: 7\nevent: image\ndata: {"id":"img_…","status":"published","version":7}\n\n',
  streamBatch: 'retry: 1000\nid: 9\nevent: batch\ndata: {"id":"bat_…","status":"finished","version":9}\n\n',
  streamEvents:
    'retry: 1000\nid: a-0\nevent: ready\ndata: {}\n\nid: a-1\nevent: image\ndata: {"id":"img_…","status":"queued","version":1}\n\n',
  readCsvReport: 'url,row,externalId,status,url,code\nhttps://a.example/1.jpg,2,sku-1,published,https://…,\n',
  readNdjsonReport: '{"source":"https://a.example/1.jpg","row":1,"status":"published","url":"https://…"}\n',
  readMetrics: '# TYPE pixdock_images_total counter\npixdock_images_total{status="published"} 12\n',
};

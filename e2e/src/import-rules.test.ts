import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Files that break a rule, and the lint rule that must report them. */
const PLANTED: [file: string, code: string, rule: string][] = [
  ['apps/api/src/routes/a.ts', "import 'bullmq';", 'no-restricted-imports'],
  ['apps/worker/src/jobs/a.ts', "import 'ioredis';", 'no-restricted-imports'],
  ['apps/worker/src/attempt/b.ts', "import '@prometheus-io/client';", 'no-restricted-imports'],
  ['packages/object-store/src/b.ts', "import 'ali-oss';", 'no-restricted-imports'],
  ['apps/worker/src/attempt/d.ts', "import 'sharp';", 'no-restricted-imports'],
  ['apps/worker/src/image/xml.ts', "import 'saxes';", 'no-restricted-imports'],
  ['packages/shared/src/runtime/redis.ts', "import 'bullmq';", 'no-restricted-imports'],
  ['packages/contract/src/a.ts', "import 'node:crypto';", 'no-restricted-imports'],
  ['packages/contract/src/b.ts', "import '@pixdock/shared/runtime/env';", 'no-restricted-imports'],
  ['packages/client/src/a.ts', "import '@pixdock/shared/runtime/env';", 'no-restricted-imports'],
  ['apps/console/src/a.ts', "import '@pixdock/shared/runtime/env';", 'no-restricted-imports'],
  ['apps/console/src/b.ts', "import 'node:crypto';", 'no-restricted-imports'],
  ['apps/api/src/d.ts', "import '../../console/src/app.js';", 'no-restricted-imports'],
  ['packages/client/src/b.ts', "import '@pixdock/object-store/open';", 'no-restricted-imports'],
  ['packages/shared/src/runtime/a.ts', "import '../queue/queue.js';", 'no-restricted-imports'],
  ['packages/shared/src/runtime/b.ts', "import '../state/staging.js';", 'no-restricted-imports'],
  ['packages/shared/src/queue/a.ts', "import '../state/images/records.js';", 'no-restricted-imports'],
  ['packages/shared/src/state/images/a.ts', "import '../files/durable.js';", 'no-restricted-imports'],
  ['packages/shared/src/state/batches/a.ts', "import '../manifest/manifest.js';", 'no-restricted-imports'],
  ['packages/shared/src/state/files/a.ts', "import '../manifest/manifest.js';", 'no-restricted-imports'],
  ['packages/shared/src/state/files/b.ts', "import '../staging.js';", 'no-restricted-imports'],
  ['packages/shared/src/state/manifest/a.ts', "import '../restore/restore.js';", 'no-restricted-imports'],
  ['packages/shared/src/state/a.ts', "import './folder-staging/layout.js';", 'no-restricted-imports'],
  ['packages/shared/src/state/b.ts', "import './staged/staged-names.js';", 'no-restricted-imports'],
  ['packages/shared/src/state/manifest/b.ts', "import '../staged/staged-names.js';", 'no-restricted-imports'],
  [
    'apps/worker/src/retention/b.ts',
    "import '@pixdock/shared/state/folder-staging/layout';",
    'no-restricted-imports',
  ],
  ['apps/ops/src/b.ts', "import '@pixdock/shared/state/folder-staging/layout';", 'no-restricted-imports'],
  [
    'apps/ops/src/pause/a.ts',
    "import '@pixdock/shared/state/folder-staging/open-staging';",
    'no-restricted-imports',
  ],
  [
    'apps/worker/src/e.ts',
    "import '@pixdock/shared/state/folder-staging/open-staging';",
    'no-restricted-imports',
  ],
  ['apps/api/src/b.ts', "import '../../worker/src/start.js';", 'no-restricted-imports'],
  ['apps/worker/src/b.ts', "import '@pixdock/api/start';", 'no-restricted-imports'],
  ['packages/shared/src/b.ts', "import '@pixdock/object-store/open';", 'no-restricted-imports'],
  ['apps/worker/src/c.ts', "import '@pixdock/oss-dev/start';", 'no-restricted-imports'],
  ['apps/api/src/e.ts', "import '@pixdock/shared/state/restore/restore-image';", 'no-restricted-imports'],
  [
    'apps/worker/src/jobs/d.ts',
    "import '@pixdock/shared/state/restore/restore-batch';",
    'no-restricted-imports',
  ],
  [
    'apps/api/src/routes/c.ts',
    "import '@pixdock/shared/state/images/restored-record';",
    'no-restricted-imports',
  ],
  ['apps/api/src/f.ts', "import '@pixdock/shared/state/images/records';", 'no-restricted-imports'],
  [
    'apps/api/src/routes/d.ts',
    "import '@pixdock/shared/state/images/record-reader';",
    'no-restricted-imports',
  ],
  ['apps/worker/src/d.ts', "import '@pixdock/shared/state/images/records';", 'no-restricted-imports'],
  [
    'apps/worker/src/jobs/e.ts',
    "import '@pixdock/shared/state/batches/batch-states';",
    'no-restricted-imports',
  ],
  ['apps/ops/src/a.ts', "import '@pixdock/shared/state/images/records';", 'no-restricted-imports'],
  ['apps/api/src/submit/a.ts', "import '../routes/health.js';", 'no-restricted-imports'],
  ['apps/api/src/http/a.ts', "import '../body/receive.js';", 'no-restricted-imports'],
  ['apps/api/src/http/b.ts', "import '../submit/idempotency.js';", 'no-restricted-imports'],
  ['apps/api/src/http/c.ts', "import '../batch-formats/csv.js';", 'no-restricted-imports'],
  ['apps/api/src/body/a.ts', "import '../batch-formats/csv.js';", 'no-restricted-imports'],
  ['apps/api/src/body/c.ts', "import '../submit/idempotency.js';", 'no-restricted-imports'],
  ['apps/api/src/batch-formats/b.ts', "import '../submit/idempotency.js';", 'no-restricted-imports'],
  ['apps/worker/src/attempt/a.ts', "import '../jobs/sweep.js';", 'no-restricted-imports'],
  ['apps/worker/src/admission/a.ts', "import '../queue-worker.js';", 'no-restricted-imports'],
  ['apps/worker/src/retention/a.ts', "import '../jobs/sweep.js';", 'no-restricted-imports'],
  ['apps/worker/src/batches/b.ts', "import '../retention/forget-batch.js';", 'no-restricted-imports'],
  ['apps/worker/src/attempt/e.ts', "import '../batches/close-batch.js';", 'no-restricted-imports'],
  ['apps/worker/src/admission/b.ts', "import '../attempt/delay.js';", 'no-restricted-imports'],
  ['apps/worker/src/image/b.ts', "import '../attempt/delay.js';", 'no-restricted-imports'],
  ['apps/api/src/routes/b.ts', "import '../start.js';", 'no-restricted-imports'],
  [
    'apps/worker/src/jobs/c.ts',
    "export const response = fetch('http://a.example');",
    'no-restricted-globals',
  ],
  ['apps/api/src/body/b.ts', "import 'ipaddr.js';", 'no-restricted-imports'],
  ['apps/worker/src/batches/a.ts', "import 'yauzl';", 'no-restricted-imports'],
  ['apps/worker/src/fetch/b.ts', "import '../jobs/sweep.js';", 'no-restricted-imports'],
  ['apps/api/src/reports/a.ts', "import 'csv-parse';", 'no-restricted-imports'],
  ['apps/api/src/start.ts', 'export const home = process.env.HOME;', 'no-process-env'],
  ['apps/worker/src/attempt/c.ts', "import '@opentelemetry/api';", 'no-restricted-imports'],
  ['apps/api/src/body/d.ts', "import 'hono/body-limit';", 'no-restricted-imports'],
  [
    'apps/api/src/submit/form.ts',
    "import type { Context } from 'hono';\nexport const it = (c: Context) => c.req.parseBody();",
    'no-restricted-properties',
  ],
  ['packages/shared/src/c.ts', "export { it } from './d.js';", 'no-cycle'],
  ['packages/shared/src/e.ts', 'export default 1;', 'no-default-export'],
  ['packages/shared/src/f.ts', 'export function go() {\n  Promise.resolve(1);\n}', 'no-floating-promises'],
  ['packages/shared/src/g.ts', 'export const it: any = 1;', 'no-explicit-any'],
  [
    'packages/shared/src/h.ts',
    'export async function go(place: Disposable, read: () => Promise<number>) {\n  using _ = place;\n  return read();\n}',
    'return-await',
  ],
];

/** Similar files that are correct. */
const ALLOWED: [file: string, code: string][] = [
  ['packages/shared/src/queue/open-queues.ts', "export { Queue } from 'bullmq';"],
  ['apps/worker/src/queue-worker.ts', "export { Queue } from 'bullmq';"],
  ['packages/object-store/src/ali-oss.ts', "export { Wrapper } from 'ali-oss';"],
  ['apps/worker/src/metrics.ts', "export { Counter } from '@prometheus-io/client';"],
  ['apps/worker/src/image/a.ts', "export { cache } from 'sharp';"],
  ['apps/worker/src/image/label/a.ts', "export { SaxesParser } from 'saxes';"],
  ['apps/api/src/batch-formats/list-archive.ts', "export { open } from 'yauzl';"],
  ['apps/api/src/batch-formats/a.ts', "export { parse } from 'csv-parse';"],
  ['packages/shared/src/runtime/trace.ts', "export { trace } from '@opentelemetry/api';"],
  ['packages/client/src/c.ts', "export { FORMATS } from '@pixdock/contract/media-type';"],
  ['packages/shared/src/state/images/c.ts', "export { openQueue } from '../../queue/queue.js';"],
  ['packages/shared/src/state/images/images.ts', "export { it } from '../staging.js';"],
  ['packages/shared/src/state/batches/batches.ts', "export { it } from '../staging.js';"],
  ['packages/shared/src/state/folder-staging/a.ts', "export { it } from './layout.js';"],
  ['packages/shared/src/state/staged/a.ts', "export { it } from './staged-names.js';"],
  ['packages/shared/src/queue/b.ts', "export { asError } from '../runtime/as-error.js';"],
  ['apps/api/src/submit/b.ts', "export { receive } from '../body/receive.js';"],
  ['apps/api/src/main.ts', 'export const home = process.env.HOME;\nexport const { argv } = process;'],
  ['packages/shared/src/d.ts', "export { it } from './c.js';"],
];

let folder: string;
let report: { code: string; filename: string }[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixdock-rules-'));
  for (const name of ['oxlint.config.mjs', 'tsconfig.base.json'])
    cpSync(join(ROOT, name), join(folder, name));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  write('tsconfig.json', '{ "extends": "./tsconfig.base.json", "include": ["apps", "packages"] }');
  for (const [file, code] of [...PLANTED, ...ALLOWED]) write(file, code);
  const args = ['-c', 'oxlint.config.mjs', '--type-aware', '--format=json'];
  const { stdout, stderr } = spawnSync('node_modules/.bin/oxlint', args, { cwd: folder, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  report = JSON.parse(stdout).diagnostics;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, code: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), `${code}\n`);
}

const rulesIn = (file: string) => report.filter(({ filename }) => filename === file).map(({ code }) => code);

test.each(PLANTED)('rejects %s: %s', (file, _code, rule) => {
  expect(rulesIn(file).join()).toContain(rule);
});

test('accepts the allowed imports', () => {
  const wrong = ALLOWED.filter(([file]) => !file.endsWith('/d.ts')).flatMap(([file]) => rulesIn(file));
  expect(wrong).toEqual([]);
});

const OWN_BODIES =
  'Three advisories of 2026 concern how Hono reads bodies: only apps/api/src/body and batch-formats read them.';

/** Libraries that only one place imports, or none. */
const LIBRARIES = {
  bullmq:
    'Producing is packages/shared/src/queue/open-queues.ts, consuming apps/worker/src/queue-worker.ts and stalled-jobs.ts.',
  ioredis: 'Only packages/shared/src/runtime/redis.ts makes connections.',
  'ali-oss': 'Only packages/object-store/src/ali-oss.ts knows the client.',
  '@prometheus-io/client': 'Only the files metrics.ts define metrics.',
  sharp: 'Only apps/worker/src/image uses it.',
  saxes: 'Only apps/worker/src/image/label and apps/api/src/batch-formats/workbook read XML.',
  'ipaddr.js': 'Only packages/shared/src/runtime/sources judges addresses.',
  yauzl: 'Only apps/api/src/batch-formats/list-archive.ts lists archives.',
  '@opentelemetry/api': 'Only packages/shared/src/runtime/trace.ts makes spans.',
  'csv-parse': 'Only apps/api/src/batch-formats reads rows.',
  'hono/body-limit': `It buffers bodies whole. ${OWN_BODIES}`,
};
const forbid = (message, group) => ({ group, message });
const APPS = forbid('Apps never import each other.', [
  '**/api/src/**',
  '**/worker/src/**',
  '**/ops/src/**',
  '**/console/src/**',
  ...['api', 'worker', 'ops', 'console'].flatMap((app) => [`@pixdock/${app}`, `@pixdock/${app}/*`]),
]);
const OSS_DEV = forbid('The local OSS is for development and tests, and no part of what production runs.', [
  '@pixdock/oss-dev',
  '@pixdock/oss-dev/*',
]);
const CONTRACT = forbid('contract imports zod only, since browsers bundle it.', ['@pixdock/**', 'node:*']);
const CLIENT = forbid('The client depends on contract alone.', [
  '@pixdock/shared/**',
  '@pixdock/object-store/**',
]);
const CONSOLE = forbid('The console runs in browsers: it imports client and contract only.', [
  '@pixdock/shared/**',
  '@pixdock/object-store/**',
  'node:*',
]);
const SHARED = forbid('Only contract lies below shared.', ['@pixdock/object-store/**', '@pixdock/client/**']);
const START = forbid('Only main imports start, and nothing imports main.', ['**/main.js', '**/start.js']);
const LEAF = forbid(
  'Leaves do not import what is built on them: main → start → app or worker → routes or jobs → leaves.',
  ['**/routes/**', '**/jobs/*', '**/app.js', '**/start.js', '**/main.js', '**/queue-worker.js'],
);
const inShared = (...above) => forbid('Imports go state → queue → runtime, never back.', above);
const inState = (...above) =>
  forbid(
    'In state, the doors and restore build on staging, staging on manifest, manifest on files, files on what Redis has.',
    above,
  );
const DOORS = forbid(
  'Apps reach images and batches through the doors, state/images/images and state/batches/batches.',
  ['**/images/records', '**/images/record-reader', '**/images/record-writer', '**/batches/batch-states'],
);
const LOST = forbid(
  'Only the doors, state/images and state/batches, and the restore know what Redis may have lost.',
  ['**/images/restored-record', '**/restore/restore-image', '**/restore/restore-batch', '**/staged-entries'],
);
const LAYOUT = forbid('Only staging knows its names and paths: others use the verbs of Staging.', [
  '**/folder-staging/layout',
  '**/folder-staging/layout.js',
  '**/staged/staged-names',
  '**/staged/staged-names.js',
]);
const FOLDER = forbid(
  'Apps open the staging of their settings, stagingOf in object-store/staging, which may be a bucket.',
  ['**/folder-staging/open-staging', '**/bucket-staging/open-bucket-staging'],
);
const inApi = (...above) =>
  forbid('In the API, submit builds on batch-formats, batch-formats on body, body on http.', above);

const inWorker = (...above) =>
  forbid(
    'In the worker, retention builds on batches, batches on attempt, attempt on image and fetch, all on admission.',
    above.flatMap((room) => [`../${room}/*`, `../../${room}/*`]),
  );

/** The row of the stagings. */
const IN_STAGING = /state\/\{staged,/;
/** The modules of staging, which those below may not import. */
const STAGINGS = [
  '**/staging.js',
  '**/staged/**',
  '**/folder-staging/**',
  '**/bucket-staging/**',
  '**/move-staging/**',
  '**/restore/**',
];
/** Rows whose files know neither what Redis may have lost nor where staging is. */
const SERVICES = /^apps\/(\{?api|worker)/;

/** What files may not import, and the libraries that they may. For each file the last row that matches it holds. */
const IMPORTS = [
  ['packages/contract/src/**', [CONTRACT]],
  ['packages/client/src/**', [CLIENT]],
  ['apps/console/src/**', [CONSOLE]],
  ['packages/shared/src/**', [SHARED]],
  ['packages/shared/src/runtime/**', [SHARED, inShared('**/state/**', '**/queue/**')]],
  ['packages/shared/src/runtime/redis.ts', [SHARED, inShared('**/state/**', '**/queue/**')], 'ioredis'],
  [
    'packages/shared/src/runtime/trace.ts',
    [SHARED, inShared('**/state/**', '**/queue/**')],
    '@opentelemetry/api',
  ],
  ['packages/telemetry/src/**', [], '@opentelemetry/api'],
  [
    'packages/shared/src/runtime/metrics.ts',
    [SHARED, inShared('**/state/**', '**/queue/**')],
    '@prometheus-io/client',
  ],
  ['packages/shared/src/runtime/sources/**', [SHARED, inShared('**/state/**', '**/queue/**')], 'ipaddr.js'],
  ['packages/shared/src/queue/**', [SHARED, inShared('**/state/**')]],
  ['packages/shared/src/queue/open-queues.ts', [SHARED, inShared('**/state/**')], 'bullmq'],
  [
    'packages/shared/src/state/{images,batches,failures,idempotency,lists,service}/**',
    [SHARED, inState('**/files/**', '**/manifest/**', ...STAGINGS)],
  ],
  ['packages/shared/src/state/files/**', [SHARED, inState('**/manifest/**', ...STAGINGS)]],
  ['packages/shared/src/state/{images/{images,read-images,restore-staged},batches/batches}.ts', [SHARED]],
  ['packages/shared/src/state/{manifest,uploads}/**', [SHARED, inState(...STAGINGS)]],
  [
    'packages/shared/src/state/{staged,folder-staging,bucket-staging,move-staging}/**',
    [SHARED, inState('**/restore/**')],
  ],
  ['packages/object-store/src/ali-oss.ts', [], 'ali-oss'],
  ['apps/{api,worker}/src/**', []],
  ['apps/ops/src/**', [DOORS, FOLDER]],
  ['apps/ops/src/backup/**', [DOORS]],
  ['apps/{api,worker}/src/metrics.ts', [LEAF], '@prometheus-io/client'],
  ['apps/{api/src/routes,worker/src/jobs}/**', [START]],
  ['apps/api/src/{reports,submit,uploads}/**', [LEAF]],
  ['apps/worker/src/retention/**', [LEAF]],
  ['apps/worker/src/batches/**', [LEAF, inWorker('retention')]],
  ['apps/worker/src/attempt/**', [LEAF, inWorker('retention', 'batches')]],
  ['apps/worker/src/admission/**', [LEAF, inWorker('retention', 'batches', 'attempt', 'image', 'fetch')]],
  ['apps/api/src/http/**', [LEAF, inApi('**/body/**', '**/batch-formats/**', '**/submit/**')]],
  ['apps/api/src/body/**', [LEAF, inApi('**/batch-formats/**', '**/submit/**')]],
  ['apps/api/src/batch-formats/**', [LEAF, inApi('**/submit/**')], 'csv-parse'],
  ['apps/api/src/batch-formats/list-archive.ts', [LEAF, inApi('**/submit/**')], 'yauzl'],
  ['apps/api/src/batch-formats/workbook/xml.ts', [LEAF, inApi('**/submit/**')], 'saxes'],
  ['apps/worker/src/image/**', [LEAF, inWorker('retention', 'batches', 'attempt')], 'sharp'],
  ['apps/worker/src/image/label/**', [LEAF, inWorker('retention', 'batches', 'attempt')], 'sharp', 'saxes'],
  ['apps/worker/src/fetch/**', [LEAF, inWorker('retention', 'batches', 'attempt', 'image')]],
  ['apps/worker/src/{queue-worker,stalled-jobs}.ts', [START], 'bullmq'],
];

const importRule = (forbidden, allowed) => ({
  'no-restricted-imports': [
    'error',
    {
      paths: Object.entries(LIBRARIES)
        .filter(([name]) => !allowed.includes(name))
        .map(([name, message]) => ({ name, message })),
      patterns: forbidden,
    },
  ],
});

export default {
  plugins: ['typescript', 'import', 'node', 'promise', 'unicorn', 'oxc'],
  categories: { correctness: 'error', suspicious: 'error' },
  ignorePatterns: ['**/dist/**', '**/node_modules/**'],
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-explicit-any': 'error',
    // A promise that is returned without await outlives what `using` holds.
    'typescript/return-await': ['error', 'error-handling-correctness-only'],
    'typescript/await-thenable': 'error',
    'typescript/ban-ts-comment': 'error',
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'node/no-process-env': 'error',
    'no-restricted-properties': [
      'error',
      { property: 'parseBody', message: `It buffers files whole. ${OWN_BODIES}` },
    ],
    eqeqeq: 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    // It takes the messages of threads for those of windows.
    'unicorn/require-post-message-target-origin': 'off',
    'unicorn/consistent-function-scoping': 'off',
    // The compiler reports a missing return, and knows when a switch has all cases.
    'typescript/consistent-return': 'off',
    'promise/always-return': 'off',
    'typescript/no-unnecessary-type-parameters': 'off',
    ...importRule([APPS, OSS_DEV, LAYOUT], []),
  },
  overrides: [
    ...IMPORTS.map(([files, forbidden, ...allowed]) => ({
      files: [files],
      rules: importRule(
        [APPS].concat(
          forbidden,
          OSS_DEV,
          IN_STAGING.test(files) ? [] : [LAYOUT],
          SERVICES.test(files) ? [DOORS, LOST, FOLDER] : [],
        ),
        allowed,
      ),
    })),
    {
      files: ['apps/worker/src/**'],
      rules: {
        'no-restricted-globals': [
          'error',
          { name: 'fetch', message: 'Only apps/worker/src/fetch fetches, and it checks where to.' },
        ],
      },
    },
    {
      files: ['**/*.test.ts', '**/testing/**', '{e2e,bench}/**'],
      rules: {
        ...importRule(
          [APPS],
          Object.keys(LIBRARIES).filter((name) => name !== 'bullmq'),
        ),
        'node/no-process-env': 'off',
      },
    },
    {
      files: [
        'e2e/src/{documents,heic,labels}/**',
        'examples/**',
        'packages/shared/src/queue/bullmq-keys.test.ts',
      ],
      rules: { 'no-restricted-imports': 'off' },
    },
    // Emscripten puts an underscore before the name of each C function.
    { files: ['packages/heic/src/**'], rules: { 'no-underscore-dangle': 'off' } },
    {
      files: ['**/main.ts', 'scripts/**', 'examples/**', '**/{vitest,oxlint,vite}.config.mjs'],
      rules: { 'node/no-process-env': 'off', 'import/no-default-export': 'off' },
    },
  ],
};

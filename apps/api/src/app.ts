import { OpenAPIHono } from '@hono/zod-openapi';
import { isTracing } from '@pixdock/shared/runtime/trace';
import { refuseUndeclaredInput } from './body/refuse-undeclared.js';
import type { ApiDeps } from './deps.js';
import { authorize } from './http/auth.js';
import { refuseEncodedBody } from './http/content-encoding.js';
import { allowOrigins } from './http/cors.js';
import { setDefaultHeaders } from './http/default-headers.js';
import type { ApiEnv } from './http/env.js';
import { invalidParameter } from './http/invalid.js';
import { limitLargeResponses } from './http/large-responses.js';
import { limitOwner } from './http/limit-owner.js';
import { respondWithError } from './http/problem.js';
import { requestLog } from './http/request-log.js';
import { traceRequests } from './http/trace-requests.js';
import { checkTusVersion, speakTus } from './http/tus.js';
import { noSuchRoute } from './http/unknown-route.js';
import { readConsoleFiles } from './pages/console-files.js';
import { changeBatch } from './routes/batches/change.js';
import { createBatch } from './routes/batches/create.js';
import { streamBatch } from './routes/batches/events.js';
import { listItems } from './routes/batches/items.js';
import { listAllBatches } from './routes/batches/list.js';
import { readOneBatch } from './routes/batches/read.js';
import { reportBatch } from './routes/batches/report.js';
import { consoleRoutes } from './routes/console.js';
import { docsRoutes } from './routes/docs.js';
import { errorRoutes } from './routes/errors.js';
import { streamEvents } from './routes/events.js';
import { listFailures } from './routes/failures/list.js';
import { retryFailures } from './routes/failures/retry.js';
import { healthRoutes } from './routes/health.js';
import { homeRoute } from './routes/home.js';
import { createImage } from './routes/images/create.js';
import { streamImage } from './routes/images/events.js';
import { listAllImages } from './routes/images/list.js';
import { lookupImages } from './routes/images/lookup.js';
import { readOneImage } from './routes/images/read.js';
import { removeImage } from './routes/images/remove.js';
import { retryImage } from './routes/images/retry.js';
import { readMetrics } from './routes/metrics.js';
import { openapiRoute } from './routes/openapi.js';
import { listProfiles } from './routes/profiles.js';
import { readThroughput } from './routes/throughput.js';
import { createUploadToken } from './routes/upload-tokens.js';
import { appendToUpload } from './routes/uploads/append.js';
import { createUpload } from './routes/uploads/create.js';
import { readUpload } from './routes/uploads/read.js';
import { removeUpload } from './routes/uploads/remove.js';
import { webhookDeliveries } from './routes/webhooks/deliveries.js';
import { webhookEndpoints } from './routes/webhooks/endpoints.js';
import { recoverWebhooks } from './routes/webhooks/recover.js';
import { CHECKSUM_ALGORITHMS } from './uploads/upload-checksum.js';

/** The HTTP application, without a socket: `app.request(…)` responds in-process. */
export function createApp(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const { config, log, events, stopping, minimumRate } = deps;
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result, c) => {
      if (!result.success) throw invalidParameter(result.error, c.req.queries());
    },
  });
  app.onError(respondWithError);
  app.notFound(noSuchRoute(app));
  if (isTracing()) app.use(traceRequests());
  app.use(requestLog(events));
  app.use(setDefaultHeaders(stopping));
  app.use((c, next) => {
    c.set('minimumRate', minimumRate);
    return next();
  });
  const maxBytes = Math.max(config.maxUploadBytes, config.maxBatchBytes);
  app.use('/v1/uploads/*', speakTus({ maxBytes, checksumAlgorithms: CHECKSUM_ALGORITHMS }));
  app.use(allowOrigins(config.corsOrigins, log));

  healthRoutes(app, deps);
  app.use('/metrics', authorize(app, deps.keyring), refuseUndeclaredInput(app));
  readMetrics(app, deps);
  const consoleFiles = readConsoleFiles();
  if (consoleFiles !== null) consoleRoutes(app, deps, consoleFiles);
  homeRoute(app);
  docsRoutes(app);
  errorRoutes(app);
  app.use(
    '/v1/*',
    authorize(app, deps.keyring),
    limitOwner(deps),
    refuseEncodedBody,
    refuseUndeclaredInput(app),
  );
  app.use('/v1/uploads/*', checkTusVersion);
  const limitReads = limitLargeResponses(() => deps.keyring.hasManyOwners());
  for (const read of ['items', 'report.csv', 'report.ndjson']) app.use(`/v1/batches/:id/${read}`, limitReads);
  createImage(app, deps);
  listAllImages(app, deps);
  readOneImage(app, deps);
  streamImage(app, deps);
  retryImage(app, deps);
  removeImage(app, deps);
  lookupImages(app, deps);
  createBatch(app, deps);
  listAllBatches(app, deps);
  readOneBatch(app, deps);
  streamBatch(app, deps);
  listItems(app, deps);
  reportBatch(app, deps);
  changeBatch(app, deps);
  streamEvents(app, deps);
  listFailures(app, deps);
  retryFailures(app, deps);
  listProfiles(app, deps);
  readThroughput(app, deps);
  createUpload(app, deps);
  readUpload(app, deps);
  appendToUpload(app, deps);
  removeUpload(app, deps);
  createUploadToken(app, deps);
  webhookEndpoints(app, deps);
  webhookDeliveries(app, deps);
  recoverWebhooks(app, deps);
  openapiRoute(app);
  return app;
}

import { randomBytes } from 'node:crypto';
import { readStoreSettings } from '@pixdock/object-store/settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import type { Environment } from '../dot-env.js';
import { say, text } from '../messages/conformance.js';
import { CannotRun, type Context, EXIT, type ExitCode } from '../run-command.js';
import { openBench } from './bench.js';
import { pictureChecks } from './checks/pictures.js';
import { CHECKS, printResult, tellLeft, tryAll } from './command.js';
import { openTestBucket } from './own-bucket.js';
import { writeReports } from './report.js';
import { type RunningServices, startServices } from './services.js';

/**
 * `pixdock-ops conformance --full`: also makes the bucket if it does not exist, changes the settings of a bucket that it made,
 * lands pictures through the services, and writes a report.
 */
export async function fullConformance(context: Context): Promise<ExitCode> {
  const { environment, output, language } = context;
  const stopping = new AbortController();
  const stop = () => {
    if (!stopping.signal.aborted) output.err(say(language, 'cleaning'));
    stopping.abort();
  };
  for (const name of SIGNALS) process.on(name, stop);
  try {
    return await runFull({ ...context, environment: completeSettings(environment) }, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    output.err(say(language, 'interrupted'));
    return EXIT.interrupted;
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function runFull(context: Context, signal: AbortSignal): Promise<ExitCode> {
  const { environment, output, language } = context;
  const settings = readSettings(environment, readStoreSettings, language);
  const { bucket, region } = settings;
  await using testBucket = await openTestBucket(settings, (reason) =>
    output.err(say(language, 'bucket-left', { bucket, reason })),
  );
  const { isOwn } = testBucket;
  const onLeft = tellLeft(output, language);
  await using bench = openBench(settings, { isOwnBucket: isOwn, onLeft, signal });
  const { scratch } = bench;
  output.out(say(language, isOwn ? 'begin-own' : 'begin-given', { bucket, region, scratch }));
  // Stops before the objects are deleted.
  await using services = lazily(() => startServices(environment, `${scratch}pictures/`, signal));
  const checks = [...CHECKS, ...pictureChecks(services.get)];
  const results = await tryAll(checks, bench, context);
  const exit = printResult(results, context);
  output.out(say(language, 'written', { files: writeReports(bench, results) }));
  return exit;
}

/** Starts the services for the first check that needs them; a failure is that of each check. */
function lazily(
  start: () => Promise<RunningServices>,
): AsyncDisposable & { get: () => Promise<RunningServices> } {
  let started: Promise<RunningServices> | null = null;
  return {
    get: () => (started ??= start()),
    async [Symbol.asyncDispose]() {
      const running = await started?.catch(() => null);
      await running?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * Adds what four values imply: a key pair, a region or an endpoint, and the name of a bucket. Without a name, a random one is
 * used, whose bucket does not exist yet.
 * @throws CannotRun without a region
 */
function completeSettings(environment: Environment): Environment {
  const region = environment.ALIYUN_OSS_REGION || regionIn(environment.ALIYUN_OSS_ENDPOINT);
  if (!region) throw new CannotRun(text('values-missing'), text('values-missing.fix'));
  const bucket = environment.ALIYUN_OSS_BUCKET || `pixdock-conformance-${randomBytes(8).toString('hex')}`;
  const endpoint = environment.ALIYUN_OSS_ENDPOINT || `oss-${region.replace(/^oss-/, '')}.aliyuncs.com`;
  return {
    ...environment,
    ALIYUN_OSS_REGION: region,
    ALIYUN_OSS_BUCKET: bucket,
    ALIYUN_OSS_ENDPOINT: endpoint,
    ALIYUN_OSS_FILE_DOMAIN:
      environment.ALIYUN_OSS_FILE_DOMAIN || fileDomainOf(endpoint, bucket, environment.ALIYUN_OSS_ADDRESSING),
  };
}

const regionIn = (endpoint = '') => /(?:^|[/.])oss-([a-z0-9-]+?)(?:-internal)?\./.exec(endpoint)?.[1];

/** The domain that each bucket has. */
function fileDomainOf(endpoint: string, bucket: string, addressing?: string): string {
  if (addressing === 'cname') return endpoint;
  const [, scheme = 'https://', host = ''] = /^(https?:\/\/)?(.*)$/.exec(endpoint) ?? [];
  if (addressing === 'path') return `${scheme}${host}/${bucket}`;
  // Readers do not reach an internal endpoint.
  return `${scheme}${bucket}.${host.replace('-internal.', '.')}`;
}

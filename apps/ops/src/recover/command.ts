import { say } from '../messages/recover.js';
import { readOption } from '../read-option.js';
import { type Context, EXIT, type ExitCode } from '../run-command.js';
import { openServices } from '../services.js';
import { type RecoverCounts, recoverAll } from './recover.js';

interface RecoverOptions {
  ndjson?: boolean | undefined;
  dryRun?: boolean | undefined;
  rate?: string | undefined;
}

/** Half of the OSS limit for sequential keys (2,000 requests per second); the rest is for the services. */
const DEFAULT_RATE = 1000;

/** `pixdock-ops recover`: restores the records of all published images from the bucket. */
export async function recover(
  context: Context,
  { ndjson = false, dryRun = false, rate }: RecoverOptions,
): Promise<ExitCode> {
  const { output, language } = context;
  const perSecond = readOption('--rate', rate, (read) =>
    read.integer('--rate', DEFAULT_RATE, { min: 1, max: 10_000 }),
  );
  await using services = await openServices(context);
  const print = (counts: RecoverCounts) =>
    output.err(say(language, dryRun ? 'recoverable' : 'recovered', counts));
  const counts = await recoverAll(
    services,
    { dryRun, perSecond },
    {
      onRecovered({ id, owner, externalId, batchId, row, url }) {
        if (ndjson) output.out(JSON.stringify({ id, owner, externalId, batchId, row, url }));
      },
      onProgress: print,
    },
  );
  print(counts);
  for (const [keyId, sealed] of counts.sealed) output.err(say(language, 'sealed', { keyId, ...sealed }));
  return counts.sealed.size === 0 ? EXIT.ok : EXIT.fault;
}

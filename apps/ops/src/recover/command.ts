import { languageOf } from '@pixdock/contract/messages/language';
import type { Environment } from '../dot-env.js';
import { say } from '../messages/recover.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { readOption } from '../read-option.js';
import { runCommand } from '../run-command.js';
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
export function recover(
  environment: Environment,
  output: Output,
  { ndjson = false, dryRun = false, rate }: RecoverOptions,
): Promise<ExitCode> {
  const language = languageOf(environment);
  const print = (counts: RecoverCounts) =>
    output.err(say(language, dryRun ? 'recoverable' : 'recovered', counts));
  return runCommand(
    async () => {
      const perSecond = readOption('--rate', rate, (read) =>
        read.integer('--rate', DEFAULT_RATE, { min: 1, max: 10_000 }),
      );
      const services = await openServices(environment, output, language);
      try {
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
        for (const [keyId, sealed] of counts.sealed)
          output.err(say(language, 'sealed', { keyId, ...sealed }));
        return counts.sealed.size === 0 ? EXIT.ok : EXIT.fault;
      } finally {
        await services.stop();
      }
    },
    output,
    language,
  );
}

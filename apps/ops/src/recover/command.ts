import { readSettings } from '@pixdock/shared/runtime/env';
import { orTell } from '../cannot-run.js';
import type { Environment } from '../dot-env.js';
import { languageOf } from '../language.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { openParts } from '../parts.js';
import { type RecoverCounts, recoverAll } from './recover.js';

export interface RecoverOptions {
  ndjson?: boolean;
  dryRun?: boolean;
  rate?: string | number;
}

/** Half of what OSS gives keys that come in order (2,000 requests a second), so that the services keep theirs. */
const DEFAULT_RATE = 1000;

/** `pixdock-ops recover`: the records of all published images come back from the bucket alone. */
export function recover(
  environment: Environment,
  output: Output,
  { ndjson = false, dryRun = false, rate }: RecoverOptions,
): Promise<ExitCode> {
  const language = languageOf(environment);
  const tell = (counts: RecoverCounts) => output.err(told(counts, dryRun)[language]);
  return orTell(
    async () => {
      const perSecond = readSettings({ '--rate': rate === undefined ? undefined : String(rate) }, (read) =>
        read.integer('--rate', DEFAULT_RATE, { min: 1, max: 10_000 }),
      );
      const parts = await openParts(environment, output);
      try {
        const counts = await recoverAll(
          parts,
          { dryRun, perSecond },
          {
            onRecovered({ id, owner, externalId, batchId, row, url }) {
              if (ndjson) output.out(JSON.stringify({ id, owner, externalId, batchId, row, url }));
            },
            onProgress: tell,
          },
        );
        tell(counts);
        return EXIT.ok;
      } finally {
        await parts.stop();
      }
    },
    output,
    language,
  );
}

function told({ objects, recovered, there, staged, foreign }: RecoverCounts, dryRun: boolean) {
  return {
    en: `${objects} objects listed: ${recovered} images ${dryRun ? 'would come' : 'came'} back, ${there} had a record, ${staged} are left to staging, ${foreign} objects are not Pixdock's`,
    zh: `已列出 ${objects} 个对象：${recovered} 张图片${dryRun ? '可恢复' : '已恢复'}，${there} 张已有记录，${staged} 张由暂存区恢复，${foreign} 个对象不属于 Pixdock`,
  };
}

import type { Language } from '@pixdock/contract/messages/text';
import { readStoreSettings } from '@pixdock/object-store/settings';
import { readStagingSettings } from '@pixdock/object-store/staging-settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readMetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import { readRedisSettings } from '@pixdock/shared/runtime/redis';
import { readHeicDecoder, readProfiles } from '@pixdock/shared/runtime/settings';
import { SettingsError } from '@pixdock/shared/runtime/settings-error';
import { say } from '../messages/doctor.js';
import { type Context, EXIT, type ExitCode } from '../run-command.js';
import { examine, type Report } from './examine.js';
import type { Step } from './step.js';

/** `pixdock-ops doctor`: tests staging and the bucket in the settings and prints the result. */
export async function doctor(
  { environment, output: { out }, language }: Context,
  json: boolean,
): Promise<ExitCode> {
  try {
    const settings = readSettings(
      environment,
      (read) => {
        const store = readStoreSettings(read, readProfiles(read).profiles);
        return {
          store,
          metadataKeys: readMetadataKeys(read),
          staging: readStagingSettings(read, store),
          heicDecoder: readHeicDecoder(read),
          redis: read.text('REDIS_URL', null) === null ? null : readRedisSettings(read),
        };
      },
      json ? 'en' : language,
    );
    const report = await examine(settings);
    if (json) out(toJson(report));
    else printReport(report, language, out);
    return report.ok ? EXIT.ok : EXIT.fault;
  } catch (error) {
    if (!json || !(error instanceof SettingsError)) throw error;
    out(JSON.stringify({ ok: false, settings: error.faults, steps: [] }));
    return EXIT.config;
  }
}

/** Prints one line per step; below a fault, its fix. */
function printReport(report: Report, language: Language, out: (line: string) => void): void {
  out(say(language, 'target', report));
  const width = Math.max(...report.steps.map(({ step }) => step.length));
  for (const warning of report.warnings) out(`! ${warning}`);
  for (const step of report.steps) {
    out(`${MARKS[step.status]} ${step.step.padEnd(width)} ${describe(step, language)}`);
    if (step.status === 'fault')
      out(`${' '.repeat(width + 3)}${say(language, 'fix', { fix: step.fix[language] })}`);
  }
  const faults = report.steps.filter(({ status }) => status === 'fault').length;
  out(say(language, 'result', { faults }));
}

/** The report as `doctor --json` prints it: details in English, fixes in both languages. */
function toJson(report: Report): string {
  const steps = report.steps.map((step) =>
    step.status === 'skipped' ? step : { ...step, detail: step.detail.en },
  );
  return JSON.stringify({ ...report, steps });
}

const MARKS = { ok: '✓', fault: '✗', skipped: '-' } as const;

function describe(step: Step, language: Language): string {
  if (step.status === 'skipped') return say(language, 'skipped-step');
  const { ms } = step;
  const detail = step.detail[language];
  if (step.status === 'ok') return say(language, 'step', { detail, ms });
  return say(language, 'failed-step', { code: step.code, detail, ms });
}

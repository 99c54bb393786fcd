import { readStoreSettings } from '@pixdock/object-store/settings';
import { readSettings, SettingsError } from '@pixdock/shared/runtime/env';
import type { Environment } from '../dot-env.js';
import { languageOf } from '../language.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { examine } from './examine.js';
import { printReport } from './print.js';

/** `pixdock-ops doctor`: tries the bucket of these settings out and prints what was found. */
export async function doctor(
  environment: Environment,
  { out, err }: Output,
  json: boolean,
): Promise<ExitCode> {
  try {
    const settings = readSettings(environment, readStoreSettings);
    const report = await examine(settings);
    if (json) out(JSON.stringify(report));
    else printReport(report, languageOf(environment), out);
    return report.ok ? EXIT.ok : EXIT.fault;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    if (json) out(JSON.stringify({ ok: false, settings: error.faults, steps: [] }));
    else err(error.message);
    return EXIT.usage;
  }
}

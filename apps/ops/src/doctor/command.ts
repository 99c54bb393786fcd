import { languageOf } from '@pixdock/contract/messages/language';
import { readStoreSettings } from '@pixdock/object-store/settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import { readMetadataKeys } from '@pixdock/shared/runtime/metadata-keys';
import { SettingsError } from '@pixdock/shared/runtime/settings-error';
import type { Environment } from '../dot-env.js';
import { EXIT, type ExitCode, type Output } from '../output.js';
import { examine } from './examine.js';
import { printReport, toJson } from './print.js';

/** `pixdock-ops doctor`: tests the bucket in the settings and prints the result. */
export async function doctor(
  environment: Environment,
  { out, err }: Output,
  json: boolean,
): Promise<ExitCode> {
  const language = json ? 'en' : languageOf(environment);
  try {
    const { store, metadataKeys } = readSettings(
      environment,
      (read) => ({ store: readStoreSettings(read), metadataKeys: readMetadataKeys(read) }),
      language,
    );
    const report = await examine(store, metadataKeys);
    if (json) out(toJson(report));
    else printReport(report, language, out);
    return report.ok ? EXIT.ok : EXIT.fault;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    if (json) out(JSON.stringify({ ok: false, settings: error.faults, steps: [] }));
    else err(error.message);
    return EXIT.config;
  }
}

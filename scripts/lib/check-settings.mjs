import { join } from 'node:path';
import { START } from '../messages/start.mjs';
import { complain, LANGUAGE, Problem } from './say.mjs';
import { namesOfSettings } from './settings.mjs';

/**
 * Checks the settings of API and worker together, and reports names that look like a setting.
 * @throws Problem with every fault.
 */
export async function checkSettings(root, environment) {
  const runtime = await import(join(root, 'packages/shared/dist/runtime/check-settings.js'));
  for (const mistyped of runtime.mistypedSettings(environment, namesOfSettings(root)))
    complain(START.unknownSetting(mistyped));
  const { readApiConfig } = await import(join(root, 'apps/api/dist/config.js'));
  const { readWorkerConfig } = await import(join(root, 'apps/worker/dist/config.js'));
  try {
    runtime.checkSettings([readApiConfig, readWorkerConfig], environment, LANGUAGE);
  } catch (error) {
    throw error.name === 'SettingsError' ? new Problem(error.message) : error;
  }
}

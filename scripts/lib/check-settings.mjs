import { join } from 'node:path';
import { START } from '../messages/start.mjs';
import { complain, inLanguage, Problem } from './say.mjs';
import { namesOfSettings } from './setting-names.mjs';

/** Shorter names of other programs often differ from ours by one letter. */
const MIN_NAME_LENGTH = 7;

/**
 * Checks the settings of API and worker together, and reports names that look like a setting.
 * @throws Problem with every fault.
 */
export async function checkSettings(root, environment) {
  const { isSimilarName } = await import(join(root, 'packages/contract/dist/similar-name.js'));
  const settings = namesOfSettings(root);
  for (const name of Object.keys(environment)) {
    if (name.length < MIN_NAME_LENGTH || settings.includes(name)) continue;
    const meant = settings.find((setting) => isSimilarName(name, setting));
    if (meant !== undefined) complain(START.unknownSetting({ name, meant }));
  }
  const { readApiConfig } = await import(join(root, 'apps/api/dist/config.js'));
  const { readWorkerConfig } = await import(join(root, 'apps/worker/dist/config.js'));
  const { SettingsError } = await import(join(root, 'packages/shared/dist/runtime/env.js'));
  const language = inLanguage({ en: 'en', zh: 'zh' });
  const faults = new Map();
  for (const read of [readApiConfig, readWorkerConfig])
    try {
      read(environment, language);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      for (const fault of error.faults) faults.set(`${fault.name} ${fault.problem}`, fault);
    }
  if (faults.size > 0) throw new Problem(new SettingsError([...faults.values()], language).message);
}

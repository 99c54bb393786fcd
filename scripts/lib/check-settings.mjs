import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { START } from '../messages/start.mjs';
import { complain, inLanguage, Problem } from './say.mjs';

/** Shorter names of other programs often differ from ours by one letter. */
const MIN_NAME_LENGTH = 8;

/**
 * Checks the settings of API and worker together, and reports names that look like a setting.
 * @throws Problem with every fault.
 */
export async function checkSettings(root, environment) {
  for (const [name, meant] of lookalikes(Object.keys(environment), namesOfSettings(root)))
    complain(START.unknownSetting({ name, meant }));
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

/** Pairs of a name and the setting that was probably meant: they differ in one letter, in case or in `_`. */
export function lookalikes(names, settings) {
  return names
    .filter((name) => name.length >= MIN_NAME_LENGTH && !settings.includes(name))
    .map((name) => [name, settings.find((setting) => isSimilar(name, setting))])
    .filter(([, meant]) => meant !== undefined);
}

function isSimilar(one, other) {
  const forms = shortened(other);
  return shortened(one).some((form) => forms.includes(form));
}

/** A word, and the word without each of its letters: similar words share one of these. */
function shortened(name) {
  const word = name.toUpperCase().replaceAll('_', '');
  return [word, ...Array.from(word, (_, index) => word.slice(0, index) + word.slice(index + 1))];
}

function namesOfSettings(root) {
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  return [...example.matchAll(/^# ([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
}

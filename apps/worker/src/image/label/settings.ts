import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { say } from '../../messages/settings.js';
import type { LabelSettings } from './keep.js';
import { NOT_XML } from './names.js';

/** A name, or a code such as those of GB 45438-2025 with about 30 characters. */
const MAX_PROPAGATOR = 200;

/** AI_LABEL and AIGC_PROPAGATOR. */
export function readLabelSettings(read: SettingsReader): LabelSettings {
  return {
    isKept: read.choice('AI_LABEL', ['keep', 'drop'], 'keep') === 'keep',
    propagator: readPropagator(read),
  };
}

function readPropagator(read: SettingsReader): string | null {
  const propagator = read.text('AIGC_PROPAGATOR', null);
  if (propagator === null || (propagator.length <= MAX_PROPAGATOR && !NOT_XML.test(propagator)))
    return propagator;
  const problem = say(read.language, 'propagator-unusable', { max: MAX_PROPAGATOR });
  read.fault('AIGC_PROPAGATOR', problem, say(read.language, 'propagator-unusable.fix'));
  return null;
}

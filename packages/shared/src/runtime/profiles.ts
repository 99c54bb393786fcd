import { builtInProfiles, PROFILE_NAME, type Profiles, profileSchema } from '@pixdock/contract/profile';
import { z } from 'zod';
import type { SettingsReader } from './env.js';
import { say } from './messages/settings.js';
import { readSettingsFile } from './settings-file.js';

const fileSchema = z.record(z.string().regex(PROFILE_NAME), profileSchema);

/** The built-in profiles and those of PROFILES_FILE, which override them. */
export function readProfiles(read: SettingsReader): Profiles {
  const profiles = builtInProfiles();
  const own = readSettingsFile(read, 'PROFILES_FILE', fileSchema, say(read.language, 'profiles-file.fix'));
  for (const [name, profile] of Object.entries(own ?? {})) profiles.set(name, profile);
  return profiles;
}

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { builtInProfiles, PROFILE_NAME, type Profiles, profileSchema } from './contract/profile.js';
import type { SettingsReader } from './env.js';
import { asError } from './errors.js';

const fileSchema = z.record(z.string().regex(PROFILE_NAME), profileSchema);
const FIX = 'a JSON or YAML object of profiles by name, as in the README';

/** The built-in profiles and those of PROFILES_FILE, which win where names meet. */
export function readProfiles(read: SettingsReader): Profiles {
  const profiles = builtInProfiles();
  const path = read.text('PROFILES_FILE', null);
  if (path === null) return profiles;
  try {
    // YAML 1.2 holds JSON, so one parser reads both.
    const parsed = fileSchema.safeParse(parse(readFileSync(path, 'utf8'), { logLevel: 'error' }));
    if (!parsed.success)
      for (const { path: at, message } of parsed.error.issues)
        read.fault('PROFILES_FILE', `${at.join('.') || 'the file'}: ${message}`, FIX);
    for (const [name, profile] of Object.entries(parsed.data ?? {})) profiles.set(name, profile);
  } catch (error) {
    read.fault('PROFILES_FILE', `cannot be read: ${asError(error).message}`, FIX);
  }
  return profiles;
}

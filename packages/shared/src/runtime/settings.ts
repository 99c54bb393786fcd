import { dirname, isAbsolute, resolve } from 'node:path';
import { ACCEPTED_FORMATS, FORMATS, IMAGE_FORMATS, type ImageFormat } from '@pixdock/contract/media-type';
import { LANGUAGES, type Language, languageOf } from '@pixdock/contract/messages/text';
import {
  builtInProfiles,
  MAX_PREFIXES,
  overlaySchema,
  PROFILE_NAME,
  type Profiles,
  prefixesOf,
  profileSchema,
} from '@pixdock/contract/profile';
import { z } from 'zod';
import type { SettingsReader } from './env.js';
import { HEIC_WASM } from './heic-decoder.js';
import { say as sayOfOverlay } from './messages/overlay.js';
import { say } from './messages/settings.js';
import { say as sayInFile } from './messages/settings-file.js';
import { type Overlays, readOverlay } from './read-overlay.js';
import { type RedisSettings, readRedisSettings } from './redis.js';
import { readSettingsFile } from './settings-file.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const DAY_MS = 24 * 3600 * 1000;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const AUDIT_LOGS = ['file', 'stdout'] as const;

/** The settings of the audit trail. */
export interface AuditSettings {
  dataDir: string;
  auditLog: (typeof AUDIT_LOGS)[number];
  auditRetentionMs: number;
}

/** The settings that API and worker share. */
export interface CommonSettings extends AuditSettings {
  redis: RedisSettings;
  maxUploadBytes: number;
  stagingMaxBytes: number;
  acceptFormats: ImageFormat[];
  /** Path of the command that decodes HEIC; null: HEIC is refused. */
  heicDecoder: string | null;
  profiles: Profiles;
  overlays: Overlays;
  retentionMs: number;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Where a request names none. Logs are English. */
  defaultLanguage: Language;
}

/** Reports faults to `read`. */
export function readCommonSettings(read: SettingsReader): CommonSettings {
  const maxUploadBytes = read.bytes('MAX_UPLOAD_BYTES', 20 * MIB);
  const heicDecoder = readHeicDecoder(read);
  return {
    ...readAuditSettings(read),
    redis: readRedisSettings(read),
    maxUploadBytes,
    stagingMaxBytes: readStagingMaxBytes(read, maxUploadBytes),
    acceptFormats: readFormats(read, heicDecoder !== null),
    heicDecoder,
    ...readProfiles(read),
    retentionMs: read.duration('RETENTION', 30 * DAY_MS),
    logLevel: read.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
    defaultLanguage: read.choice('DEFAULT_LANGUAGE', LANGUAGES, languageOf(read.environment)),
  };
}

/** Reports faults to `read`. */
export const readAuditSettings = (read: SettingsReader): AuditSettings => ({
  dataDir: readDataDir(read),
  auditLog: read.choice('AUDIT_LOG', AUDIT_LOGS, 'file'),
  auditRetentionMs: read.duration('AUDIT_RETENTION', 365 * DAY_MS),
});

/** An upload without a Content-Length reserves the largest size, so a smaller staging would refuse each of them. */
function readStagingMaxBytes(read: SettingsReader, maxUploadBytes: number): number {
  const bytes = read.bytes('STAGING_MAX_BYTES', 10 * GIB);
  const sizes = { max: bytes, upload: maxUploadBytes };
  if (bytes < maxUploadBytes)
    read.fault(
      'STAGING_MAX_BYTES',
      say(read.language, 'staging-too-small', sizes),
      say(read.language, 'staging-too-small.fix', sizes),
    );
  return bytes;
}

/** The folder that API, workers and `pixdock-ops` share. */
export const readDataDir = (read: SettingsReader) => resolve(read.text('DATA_DIR', '.data'));

/** The command that decodes HEIC. ACCEPT_FORMATS cannot name HEIC, so it is never accepted without a decoder. */
export function readHeicDecoder(read: SettingsReader): string | null {
  const raw = read.text('HEIC_DECODER', null);
  if (raw !== null && raw !== HEIC_WASM && !isAbsolute(raw))
    read.fault(
      'HEIC_DECODER',
      say(read.language, 'not-a-command', { raw }),
      say(read.language, 'not-a-command.fix'),
    );
  return raw;
}

function readFormats(read: SettingsReader, decodesHeic: boolean): ImageFormat[] {
  const names = read.list('ACCEPT_FORMATS', ACCEPTED_FORMATS).map((name) => name.toLowerCase());
  const known = IMAGE_FORMATS.filter((format) => format !== 'heic' || decodesHeic);
  const namesOf = (format: ImageFormat): string[] => [format, FORMATS[format].extension];
  const isNamed = (format: ImageFormat) => namesOf(format).some((name) => names.includes(name));
  const unknown = names.filter((name) => !known.some((format) => namesOf(format).includes(name)));
  if (unknown.length > 0 || names.length === 0)
    read.fault(
      'ACCEPT_FORMATS',
      say(read.language, 'formats-unknown', { names: unknown }),
      say(read.language, 'formats-unknown.fix', { formats: known }),
    );
  return known.filter((format) => isNamed(format) || format === 'heic');
}

const overlayFileSchema = overlaySchema.omit({ sha256: true }).extend({ file: z.string().min(1) });

const fileSchema = z
  .record(z.string().regex(PROFILE_NAME), profileSchema.extend({ overlay: overlayFileSchema.optional() }))
  .refine((profiles) => prefixesOf(Object.values(profiles)).length <= MAX_PREFIXES, 'too-many-prefixes');

/** The built-in profiles and those of PROFILES_FILE, which override them; and the files of their overlays. */
export function readProfiles(read: SettingsReader): { profiles: Profiles; overlays: Overlays } {
  const profiles = builtInProfiles();
  const overlays = new Map<string, Buffer>();
  const setting = 'PROFILES_FILE';
  const own = readSettingsFile(read, setting, fileSchema, say(read.language, 'profiles-file.fix'));
  const folder = dirname(read.text(setting, ''));
  for (const [name, { overlay: given, ...profile }] of Object.entries(own ?? {})) {
    profiles.set(name, profile);
    if (given === undefined) continue;
    const { file, ...overlay } = given;
    const fault = (field: string) => (problem: string, fix: string) =>
      read.fault(
        setting,
        sayInFile(read.language, 'in-field', { field: `${name}.overlay.${field}`, problem }),
        fix,
      );
    const variants = Object.keys(profile.variants);
    for (const variant of overlay.variants ?? [])
      if (!variants.includes(variant))
        fault('variants')(
          sayOfOverlay(read.language, 'unknown-variant', { name: variant }),
          sayOfOverlay(read.language, 'unknown-variant.fix', { variants }),
        );
    const opened = readOverlay(read, resolve(folder, file), fault('file'));
    if (opened === null) continue;
    profiles.set(name, { ...profile, overlay: { sha256: opened.sha256, ...overlay } });
    overlays.set(opened.sha256, opened.png);
  }
  return { profiles, overlays };
}

import { isSimilarName } from '@pixdock/contract/similar-name';

type Environment = Readonly<Record<string, string | undefined>>;

/** Shorter names often differ from those of other programs by one letter, or as PORT from Kubernetes' PIXDOCK_PORT. */
const MIN_NAME_LENGTH = 7;

/** The settings of API and worker. */
export const SETTINGS = [
  'HOST',
  'PORT',
  'METRICS_PORT',
  'WORKER_METRICS_PORT',
  'CORS_ORIGINS',
  'API_KEYS',
  'API_KEYS_FILE',
  'LIMITS_FILE',
  'METADATA_KEY',
  'METADATA_INDEX',
  'ALIYUN_OSS_ENDPOINT',
  'ALIYUN_OSS_REGION',
  'ALIYUN_OSS_BUCKET',
  'ALIYUN_OSS_FILE_DOMAIN',
  'ALIYUN_OSS_PRIVATE_BUCKET',
  'ALIYUN_OSS_PRIVATE_FILE_DOMAIN',
  'ALIYUN_OSS_ADDRESSING',
  'ALIYUN_OSS_PREFIX',
  'ALIYUN_OSS_ALLOW_HTTP',
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
  'ALIBABA_CLOUD_ECS_METADATA',
  'ALIBABA_CLOUD_ROLE_ARN',
  'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
  'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
  'ALIBABA_CLOUD_CREDENTIALS_URI',
  'REDIS_URL',
  'REDIS_PREFIX',
  'DATA_DIR',
  'STAGING_URL',
  'STAGING_MAX_BYTES',
  'MAX_UPLOAD_BYTES',
  'MAX_PIXELS',
  'MAX_ANIMATION_PIXELS',
  'MAX_FRAMES',
  'MAX_SCANS',
  'ACCEPT_FORMATS',
  'HEIC_DECODER',
  'MAX_BATCH_ITEMS',
  'MAX_BATCH_BYTES',
  'SOURCE_ALLOW',
  'SOURCE_PORTS',
  'WEBHOOK_ALLOW',
  'AI_LABEL',
  'AIGC_PROPAGATOR',
  'WORKER_CONCURRENCY',
  'PROFILES_FILE',
  'RETENTION',
  'STORAGE_GIVE_UP',
  'REVIEW_HTTP_URL',
  'REVIEW_HTTP_SECRET',
  'REVIEW_GIVE_UP',
  'CDN',
  'CDN_ENDPOINT',
  'CDN_DAILY_URLS',
  'CDN_AUTH_KEY',
  'CDN_AUTH_DOMAIN',
  'CDN_AUTH_TTL',
  'AUDIT_LOG',
  'AUDIT_RETENTION',
  'LOG_LEVEL',
  'DEFAULT_LANGUAGE',
] as const;

const KNOWN: ReadonlySet<string> = new Set(SETTINGS);

/** The variables that are probably mistyped settings, each with the setting, which is unset. */
export function mistypedSettings(environment: Environment): { name: string; meant: string }[] {
  return Object.keys(environment).flatMap((name) => {
    if (name.length < MIN_NAME_LENGTH || KNOWN.has(name) || !environment[name]?.trim()) return [];
    const meant =
      SETTINGS.find((setting) => isSimilarName(name, setting)) ??
      SETTINGS.find((setting) => setting.length >= MIN_NAME_LENGTH && coreOf(name) === coreOf(setting));
    return meant === undefined || environment[meant]?.trim() ? [] : [{ name, meant }];
  });
}

/** A name without its provider, and in bytes: OSS_BUCKET is ALIYUN_OSS_BUCKET, MAX_UPLOAD_SIZE is MAX_UPLOAD_BYTES. */
const coreOf = (name: string) =>
  name.replace(/^((ALIYUN|ALICLOUD|ALIBABA|CLOUD|OSS|PIXDOCK)_)+/, '').replace(/_(SIZE|MB|MIB)$/, '_BYTES');

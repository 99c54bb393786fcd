import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { readDataDir } from '@pixdock/shared/runtime/settings';
import { say } from './messages/settings.js';
import {
  isBucketName,
  problemOfPrefix,
  readStoreSettings,
  type StoreSettings,
  withSlash,
} from './settings.js';

/** Staging is a folder in `dataDir`, which all hosts share, or a bucket; then `dataDir` is a disk of this host alone. */
export type StagingSettings =
  | { kind: 'folder'; dataDir: string }
  | { kind: 'bucket'; dataDir: string; bucket: StagingBucket };

/** A private bucket in which nothing is published. `prefix` of every key is empty, or has a trailing slash. */
type StagingBucket = Pick<
  StoreSettings,
  'endpoint' | 'region' | 'addressing' | 'credentials' | 'bucket' | 'prefix'
>;

const NAME = 'STAGING_URL';

/**
 * Reads STAGING_URL and DATA_DIR, and reports every fault to `read`.
 * @param store the settings of OSS; by default read as well, if STAGING_URL is set
 */
export function readStagingSettings(read: SettingsReader, store?: StoreSettings): StagingSettings {
  const dataDir = readDataDir(read);
  const url = read.text(NAME, null);
  if (url === null) return { kind: 'folder', dataDir };
  const { endpoint, region, addressing, credentials, ...published } = store ?? readStoreSettings(read);
  if (addressing === 'cname')
    read.fault(NAME, say(read.language, 'staging-with-cname'), say(read.language, 'staging-with-cname.fix'));
  const { bucket, prefix } = readUrl(read, url);
  checkUnpublished(read, bucket, published);
  return { kind: 'bucket', dataDir, bucket: { endpoint, region, addressing, credentials, bucket, prefix } };
}

function readUrl(read: SettingsReader, url: string): Pick<StagingBucket, 'bucket' | 'prefix'> {
  const { language } = read;
  const fault = (problem: string) => read.fault(NAME, problem, say(language, 'staging-url.fix'));
  const [, bucket = '', prefix = ''] = /^oss:\/\/([^/]+)(?:\/(.*))?$/i.exec(url) ?? [];
  // The value is not quoted: it may contain a password.
  if (bucket === '' || /[\s\\?#@]/.test(url)) fault(say(language, 'staging-url-malformed'));
  else {
    if (!isBucketName(bucket)) fault(say(language, 'bucket-invalid', { bucket }));
    const problem = problemOfPrefix(read, prefix);
    if (problem !== null) fault(problem);
  }
  return { bucket, prefix: withSlash(prefix) };
}

/** Where clients get images, they would get sources from staging, too. */
function checkUnpublished(
  read: SettingsReader,
  bucket: string,
  published: Pick<StoreSettings, 'bucket' | 'privateBucket'>,
): void {
  const settings = {
    ALIYUN_OSS_BUCKET: published.bucket,
    ALIYUN_OSS_PRIVATE_BUCKET: published.privateBucket?.bucket,
  };
  for (const [setting, name] of Object.entries(settings))
    if (bucket !== '' && name === bucket)
      read.fault(
        NAME,
        say(read.language, 'staging-bucket-published', { setting }),
        say(read.language, 'staging-bucket-published.fix'),
      );
}

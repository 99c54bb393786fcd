import { readStoreSettings } from '@pixdock/object-store/settings';
import { readSettings } from '@pixdock/shared/runtime/env';
import { afterEach, expect, test } from 'vitest';
import {
  DEVIATIONS,
  type Deviation,
  KEY,
  OWN_DOMAIN,
  REGION,
  startStrictOss,
  TEMPORARY_KEY,
} from '../../../../e2e/src/real-oss/strict-oss.js';
import { openBench } from './bench.js';
import { runCheck } from './check.js';
import { CHECKS } from './command.js';

type Oss = Awaited<ReturnType<typeof startStrictOss>>;

let oss: Oss;
afterEach(() => oss.stop());

/** The verdict of each check: once on a bucket that the run made, and once through a bound domain with a temporary key. */
async function verdicts(names: readonly string[]) {
  const onDefaultDomain = {
    ALIYUN_OSS_ENDPOINT: oss.endpoint,
    ALIYUN_OSS_FILE_DOMAIN: oss.endpoint.replace('//', '//made.'),
    ALIYUN_OSS_BUCKET: 'made',
    ALIYUN_OSS_REGION: REGION,
    ALIBABA_CLOUD_ACCESS_KEY_ID: KEY.id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: KEY.secret,
  };
  const onOwnDomain = {
    ...onDefaultDomain,
    ALIYUN_OSS_ENDPOINT: `http://${OWN_DOMAIN}:${oss.port}`,
    ALIYUN_OSS_FILE_DOMAIN: `http://${OWN_DOMAIN}:${oss.port}`,
    ALIYUN_OSS_ADDRESSING: 'cname',
    ALIYUN_OSS_BUCKET: 'bound',
    ALIBABA_CLOUD_ACCESS_KEY_ID: TEMPORARY_KEY.id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: TEMPORARY_KEY.secret,
    ALIBABA_CLOUD_SECURITY_TOKEN: TEMPORARY_KEY.token,
  };
  oss.addBucket('bound', { isPublic: true });
  const found: Record<string, string> = {};
  for (const settings of [onDefaultDomain, onOwnDomain]) {
    const isOwnBucket = settings === onDefaultDomain;
    const options = { isOwnBucket, onLeft: () => {} };
    await using bench = openBench(readSettings(settings, readStoreSettings), options);
    if (isOwnBucket) await bench.probe.send({ method: 'PUT' });
    for (const check of CHECKS.filter(({ name }) => names.includes(name))) {
      const result = await runCheck(check, bench);
      if (result.verdict !== 'unchecked') found[check.name] ??= `${result.verdict}: ${result.observed}`;
    }
  }
  return found;
}

/** It needs the metadata server of an ECS instance. */
const ROLE = 'the role of an ECS instance or a pod stores an object';
const OPENED = 'the block can be lifted and the bucket made readable';

const FOUND_BY: Record<Deviation, readonly string[]> = {
  'etag-is-no-md5': [
    'a put returns the MD5 as its ETag',
    'an empty object can be stored',
    'an object of 8 MiB can be stored',
  ],
  'content-md5-is-ignored': ['a wrong Content-MD5 is refused and nothing is stored'],
  'metadata-is-dropped': [
    'a HEAD returns type, size, ETag and metadata as sent',
    '7 KiB of metadata are stored and returned',
  ],
  'metadata-has-no-limit': ['more than 8 KiB of metadata are refused'],
  'head-lags-behind': ['20 objects of 100 KiB are stored and found one after the other'],
  'overwriting-is-allowed': [
    'the same bytes under a used key are refused',
    'other bytes under a used key are refused and change nothing',
    'of 20 puts of one key at once, one is stored',
    'the refusal to overwrite has its own code',
  ],
  'keys-are-unsorted': ['a listing is in the order of keys and can begin after a key'],
  'listing-lags-behind': ['an object is listed right after its put, and no longer right after its deletion'],
  'pages-look-complete': ['a page that is not the last one says so, and its last key begins the next page'],
  'keys-are-not-encoded': ['a listing encodes keys that XML cannot contain'],
  'nothing-is-deleted': ['a deleted object is gone, and its key can be used again'],
  'absent-objects-are-denied': [
    'the deletion of an absent object succeeds',
    'a HEAD of an absent object finds nothing',
    'a GET of an absent object names it',
    'a HEAD, whose response has no body, has the EC in a header',
  ],
  'absent-buckets-are-absent-objects': [
    'a put into an absent bucket is refused',
    'a HEAD in an absent bucket is told from a HEAD of an absent object',
  ],
  'any-region-is-signed': ['another region in the signature is refused'],
  'unknown-keys-have-wrong-signatures': ['an unknown access key is refused'],
  'any-signature-is-right': ['a wrong secret is refused'],
  'any-time-is-right': [
    'a request that is 16 minutes late is refused with the time of OSS',
    'a request that is 16 minutes early is refused with the time of OSS',
  ],
  'tokens-are-ignored': ['a security token beside a permanent key is refused'],
  'temporary-keys-are-refused': ['a temporary key of STS stores an object'],
  'public-access-is-not-blocked': ['a bucket that was just made blocks public access'],
  'acl-cannot-be-set': [OPENED],
  'type-is-lost': ['a public read returns type and Cache-Control as sent'],
  'default-domain-displays': ['an image on the default domain is downloaded'],
  'own-domain-downloads': ['an image on a domain of its own is displayed'],
  'own-domain-is-for-reading': ['an object can be stored through a domain of its own'],
  'cors-needs-no-rule': ['a browser may send a request to a bucket only once a rule allows it'],
};

test('finds no difference on a strict OSS, which takes other choices than the local one', async () => {
  oss = await startStrictOss();
  const found = await verdicts(CHECKS.map(({ name }) => name));
  const passed = Object.fromEntries(
    CHECKS.filter(({ name }) => name !== ROLE).map(({ name, expected }) => [name, `passed: ${expected}`]),
  );
  expect(found).toEqual(passed);
  // Somebody else's object stays.
  expect(oss.contents()).toEqual({ made: [], bound: ['kept/theirs.jpg'] });
});

test.each(DEVIATIONS)('reports an OSS where %s', async (deviation) => {
  oss = await startStrictOss(deviation);
  const names = FOUND_BY[deviation];
  const found = await verdicts([OPENED, ...names]);
  for (const name of names) expect([name, found[name]]).toEqual([name, expect.stringMatching(/^differs: /)]);
});

test('has a deviation for each check', () => {
  const names = CHECKS.map(({ name }) => name).filter((name) => name !== ROLE);
  expect(Object.values(FOUND_BY).flat().toSorted()).toEqual(names.toSorted());
});

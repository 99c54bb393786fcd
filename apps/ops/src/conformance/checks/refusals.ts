import { randomBytes } from 'node:crypto';
import type { StoreSettings } from '@pixdock/object-store/settings';
import { text } from '../../messages/conformance.js';
import { CannotCheck, type Check } from '../check.js';
import { afterPut, answerOf, faultOf, foundOrNot } from '../observations.js';

const SKEW_MS = 16 * 60_000;

/** Error codes, the clock and temporary keys. */
export const REFUSAL_CHECKS: readonly Check[] = [
  {
    topic: 'errors',
    name: 'a HEAD of an absent object finds nothing',
    expected: 'not found',
    observe: async ({ store, object }) => foundOrNot(await store.head(object('absent.jpg').key)),
  },
  {
    topic: 'errors',
    name: 'a GET of an absent object names it',
    expected: 'status 404, NoSuchKey, EC 0026-00000001',
    observe: async ({ probe, object }) =>
      answerOf(await probe.send({ method: 'GET', key: object('absent.jpg').key })),
  },
  {
    topic: 'errors',
    name: 'a HEAD, whose response has no body, has the EC in a header',
    expected: 'status 404, EC 0026-00000001',
    observe: async ({ probe, object }) =>
      answerOf(await probe.send({ method: 'HEAD', key: object('absent.jpg').key })),
  },
  {
    topic: 'errors',
    name: 'a put into an absent bucket is refused',
    expected: 'configuration, status 404, NoSuchBucket, EC 0015-00000101',
    observe: ({ settings, withStore, object }) =>
      withStore(withAbsentBucket(settings), (store) => faultOf(() => store.put(object('bucket.jpg')))),
  },
  {
    topic: 'errors',
    name: 'a HEAD in an absent bucket is told from a HEAD of an absent object',
    expected: 'configuration, status 404, NoSuchBucket, EC 0015-00000101',
    observe: ({ settings, withStore, object }) =>
      withStore(withAbsentBucket(settings), (store) => faultOf(() => store.head(object('bucket.jpg').key))),
  },
  {
    topic: 'errors',
    name: 'another region in the signature is refused',
    expected: 'configuration, status 400, InvalidArgument, EC 0002-00000226',
    observe: ({ settings, withStore, object }) =>
      withStore({ ...settings, region: otherRegion(settings.region) }, (store) =>
        faultOf(() => store.put(object('region.jpg'))),
      ),
  },
  {
    topic: 'errors',
    name: 'an unknown access key is refused',
    expected: 'configuration, status 403, InvalidAccessKeyId, EC 0002-00000902',
    observe: ({ settings, withStore, object }) =>
      withStore({ ...settings, credentials: UNKNOWN_KEY }, (store) =>
        faultOf(() => store.put(object('key.jpg'))),
      ),
  },
  {
    topic: 'errors',
    name: 'a wrong secret is refused',
    expected: 'configuration, status 403, SignatureDoesNotMatch, EC 0002-00000201',
    observe: ({ settings, withStore, object }) => {
      const { credentials } = settings;
      if (credentials.from !== 'static') throw new CannotCheck(text('no-static-key'));
      const wrong = { ...settings, credentials: { ...credentials, accessKeySecret: 'wrong' } };
      return withStore(wrong, (store) => faultOf(() => store.put(object('secret.jpg'))));
    },
  },
  ...(['late', 'early'] as const).map(
    (when): Check => ({
      topic: 'clock',
      name: `a request that is 16 minutes ${when} is refused with the time of OSS`,
      expected: 'status 403, RequestTimeTooSkewed, EC 0002-00000504, with a Date',
      observe: async ({ probe, object }) => {
        const clockOffsetMs = when === 'late' ? -SKEW_MS : SKEW_MS;
        const response = await probe.send({ method: 'GET', key: object('absent.jpg').key, clockOffsetMs });
        const hasDate = !Number.isNaN(Date.parse(response.headers.date ?? ''));
        return `${answerOf(response)}, ${hasDate ? 'with' : 'without'} a Date`;
      },
    }),
  ),
  {
    topic: 'temporary-keys',
    name: 'a security token beside a permanent key is refused',
    expected: 'configuration, status 403, InvalidSecurityToken, EC 0002-00000002',
    observe: ({ settings, withStore, object }) => {
      const { credentials } = settings;
      if (credentials.from !== 'static' || credentials.securityToken !== null)
        throw new CannotCheck(text('no-static-key'));
      const wrong = { ...settings, credentials: { ...credentials, securityToken: 'no-token-of-sts' } };
      return withStore(wrong, (store) => faultOf(() => store.put(object('token.jpg'))));
    },
  },
  {
    topic: 'temporary-keys',
    name: 'a temporary key of STS stores an object',
    expected: 'stored, ETag is the MD5',
    observe: async ({ settings: { credentials }, store, object }) => {
      if (credentials.from === 'static' && credentials.securityToken === null)
        throw new CannotCheck(text('no-temporary-key'));
      return afterPut(store, object('sts.jpg'));
    },
  },
  {
    topic: 'temporary-keys',
    name: 'the role of an ECS instance or a pod stores an object',
    expected: 'stored, ETag is the MD5',
    observe: async ({ settings: { credentials }, store, object }) => {
      if (credentials.from !== 'ecs-role' && credentials.from !== 'oidc')
        throw new CannotCheck(text('no-role'));
      return afterPut(store, object('role.jpg'));
    },
  },
];

const UNKNOWN_KEY = {
  from: 'static',
  accessKeyId: 'LTAI0000000000000000',
  accessKeySecret: 'unknown',
  securityToken: null,
} as const;

function otherRegion(region: string): string {
  return region === 'cn-beijing' ? 'cn-hangzhou' : 'cn-beijing';
}

/** Settings for a bucket that nobody has. Its name begins with that of a bucket that the run makes, so that a policy can allow both. */
function withAbsentBucket(settings: StoreSettings): StoreSettings {
  if (settings.addressing === 'cname') throw new CannotCheck(text('one-bucket'));
  return { ...settings, bucket: `pixdock-conformance-absent-${randomBytes(8).toString('hex')}` };
}

/**
 * Returns the known name that an unknown one probably means: a similar one, else one that other services call so. Undefined
 * if there is none.
 */
export function meantName(given: string, known: readonly string[]): string | undefined {
  const word = wordOf(given);
  return (
    known.find((name) => isSimilarName(given, name)) ?? known.find((name) => ALIASES[name]?.includes(word))
  );
}

/** Names of other services, in lower case and without `_` and `-`, by ours. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  baseUrl: ['url', 'host', 'server', 'endpoint', 'address', 'origin', 'apiurl', 'serverurl'],
  apiKey: ['key', 'token', 'apitoken', 'accesskey', 'secret', 'auth', 'bearer'],
  url: ['imageurl', 'imgurl', 'fileurl', 'sourceurl', 'image', 'src', 'source', 'link', 'href', 'uri'],
  externalId: ['reference', 'ref', 'customid', 'clientid', 'externalreference'],
  metadata: ['meta', 'context'],
  sha256: ['hash', 'checksum', 'digest', 'sha256sum'],
  profile: ['preset', 'uploadpreset', 'template', 'style'],
  webhookUrl: ['webhook', 'callback', 'callbackurl', 'notifyurl', 'notificationurl'],
  expiresInSeconds: ['ttl', 'expires', 'expiresin', 'expiry', 'expiration', 'maxage', 'lifetime'],
  maxBytes: ['maxsize', 'maxfilesize', 'sizelimit'],
  maxCount: ['maxuploads', 'uses', 'limit'],
  cursor: ['page', 'pagetoken', 'offset', 'skip', 'after', 'startingafter', 'next'],
  limit: ['pagesize', 'perpage', 'size', 'count', 'take', 'maxresults'],
  wait: ['waiting', 'waitseconds', 'waitfor', 'timeout'],
  dryRun: ['validate', 'validateonly', 'checkonly', 'simulate', 'preview', 'test'],
  columns: ['mapping', 'headers', 'fields'],
  code: ['error', 'errorcode'],
  status: ['state'],
  since: ['from', 'createdafter', 'start'],
  until: ['to', 'createdbefore', 'end'],
  items: ['images', 'urls', 'rows'],
  redisBytes: ['records', 'redis', 'memory'],
  source_timeout: ['timeout', 'timedout', 'fetchtimeout'],
};

/** Whether two names differ only in case, `_`, `-` or one letter: one is probably a mistyped form of the other. */
export function isSimilarName(one: string, other: string): boolean {
  const [a, b] = [wordOf(one), wordOf(other)];
  if (Math.abs(a.length - b.length) > 1) return false;
  const forms = shortened(b);
  return shortened(a).some((form) => forms.includes(form));
}

const wordOf = (name: string) => name.toLowerCase().replace(/[_-]/g, '');

/** A word, and the word without each of its letters: similar words share one of these. */
function shortened(word: string): string[] {
  return [word, ...Array.from(word, (_, index) => word.slice(0, index) + word.slice(index + 1))];
}

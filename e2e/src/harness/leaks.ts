import { fileURLToPath } from 'node:url';

/** Secrets that tests send to sources, in a header and in a URL. */
export const SOURCE_AUTHORIZATION = 'Bearer secret-of-the-source';
export const SOURCE_SIGNATURE = 'signature-of-the-source';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const STACK_LINE = /\n[ \t]*at .+:\d+:\d+/;
// Terminal control and text direction characters.
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const IMAGE_LIBRARY = /vips|libspng|libjpeg|libwebp|libheif(?!-examples)|node_modules\/sharp/i;

export interface Leaks {
  /** Secrets and internals that a response reveals. */
  inResponse(text: string): string[];
  /** Secrets that a log reveals. */
  inLog(text: string): string[];
}

/** Detects the secrets of a service with these settings. */
export function openLeaks(env: Readonly<Record<string, string>>): Leaks {
  const secrets = [
    ...`${env.API_KEYS},${env.METADATA_KEY}`.split(',').map((pair) => pair.slice(pair.indexOf(':') + 1)),
    env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    env.ALIBABA_CLOUD_SECURITY_TOKEN,
    passwordOf(env.REDIS_URL),
    SOURCE_AUTHORIZATION.replace('Bearer ', ''),
    SOURCE_SIGNATURE,
  ];
  const inside = [env.DATA_DIR, CHECKOUT, hostOf(env.ALIYUN_OSS_ENDPOINT), env.ALIBABA_CLOUD_ACCESS_KEY_ID];
  const held = (text: string, all: readonly (string | undefined)[]) =>
    all.flatMap((one) => (one !== undefined && one !== '' && text.includes(one) ? [one] : []));
  return {
    inResponse(text) {
      // The domain of published images is public.
      const rest = text.replaceAll(env.ALIYUN_OSS_FILE_DOMAIN || '\0', '');
      return [
        ...held(rest, [...secrets, ...inside, hostOf(env.REDIS_URL), 'node_modules']),
        ...(STACK_LINE.test(rest) ? ['a stack trace'] : []),
        ...(IMAGE_LIBRARY.test(rest) ? ['a message of an image library'] : []),
      ];
    },
    // The operator needs the host of a Redis that cannot be reached, and the folder that is the wrong one.
    inLog: (text) => [
      ...held(text.replaceAll(/^ +DATA_DIR: .*$/gm, ''), [...secrets, ...inside]),
      ...(IMAGE_LIBRARY.test(text) ? ['a message of an image library'] : []),
      ...(CONTROL.test(text.replaceAll('\n', '')) ? ['control characters'] : []),
    ],
  };
}

const hostOf = (url: string | undefined) => (URL.canParse(url ?? '') ? new URL(url ?? '').host : undefined);
const passwordOf = (url: string | undefined) =>
  URL.canParse(url ?? '') ? new URL(url ?? '').password : undefined;

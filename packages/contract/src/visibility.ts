/** Whether anyone can read the objects of a profile, or only with a signed URL. */
export const VISIBILITIES = ['public', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** Prefix of all private keys, before ALIYUN_OSS_PREFIX. A public key begins with ALIYUN_OSS_PREFIX or two hex digits. */
export const PRIVATE_PREFIX = 'private/';

/** Whether an object is in the private bucket. */
export const isPrivateKey = (key: string): boolean => key.startsWith(PRIVATE_PREFIX);

/** The lifetime of a signed URL, in seconds. OSS allows 7 days. */
export const SIGNED_URL_SECONDS = { default: 600, max: 7 * 24 * 3600 } as const;

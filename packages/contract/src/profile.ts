import { z } from 'zod';
import { IMAGE_FORMATS, OSS_MAX_SIDE, STORED_FORMATS } from './media-type.js';
import { parseBytes } from './quantity.js';
import { REVIEWERS } from './review.js';
import { VISIBILITIES } from './visibility.js';

/** OSS image processing refuses larger sources, so nothing we publish exceeds it. */
export const OSS_MAX_IMAGE_BYTES = 20_000_000;

const MIB = 1024 * 1024;

// The messages of the checks are keys of the catalog for settings files, shared/runtime/messages.
const size = z.union([z.int().positive(), z.string()]).transform((value, ctx) => {
  const bytes = typeof value === 'number' ? value : parseBytes(value);
  if (bytes !== null && bytes > 0) return bytes;
  ctx.issues.push({ code: 'custom', message: 'not-a-size', input: value });
  return z.NEVER;
});

const side = z.int().min(1).max(OSS_MAX_SIDE);

/** Width : height, as `"16:9"`; a small tolerance is allowed for rounding (1 %). */
const aspect = z.string().regex(/^[1-9]\d{0,4}:[1-9]\d{0,4}$/, 'not-an-aspect');

export const variantSchema = z
  .strictObject({
    fit: z.enum(['inside', 'cover']).default('inside'),
    /** The part of the picture that `cover` keeps. Without a default, so that versions of profiles without it stay the same. */
    position: z.enum(['centre', 'attention', 'entropy']).optional(),
    width: side.optional(),
    height: side.optional(),
    format: z.enum(['keep', ...STORED_FORMATS]).default('keep'),
    /** 1 to 100; the default is the encoder's tuned one. Ignored by PNG and GIF. Lets a lossless source become lossy. */
    quality: z.int().min(1).max(100).optional(),
    /** 0 (fast) to 9 (small files). WebP stops at 6; from 6 on JPEG uses mozjpeg and PNG its highest level. */
    effort: z.int().min(0).max(9).default(2),
    background: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'not-a-color')
      .default('#ffffff'),
    animated: z.enum(['keep', 'first', 'reject']).default('keep'),
    maxBytes: size.pipe(z.int().max(OSS_MAX_IMAGE_BYTES)).default(OSS_MAX_IMAGE_BYTES),
  })
  .refine(
    ({ fit, width, height, position }) =>
      position === undefined || (fit === 'cover' && width !== undefined && height !== undefined),
    {
      error: 'position-without-cover',
      path: ['position'],
    },
  );

/**
 * Below a prefix, keys continue with two hex digits and "/"; keys that begin with "private/" are in the private bucket. The rest
 * of a key takes less than 80 of the 200 characters after ALIYUN_OSS_PREFIX.
 */
const keyPrefix = z
  .string()
  .max(100, 'not-a-prefix')
  .transform((prefix) => (prefix.endsWith('/') ? prefix : `${prefix}/`))
  .refine((prefix) => KEY_PREFIX.test(prefix), 'not-a-prefix');
const KEY_PREFIX = /^(?!private\/)(?:(?!(?:[0-9a-f]{2}|\.{1,2})\/)[a-z0-9_.-]+\/)+$/;

/** An image without a record is looked for under each prefix, with five requests to each bucket. */
export const MAX_PREFIXES = 8;

/** `main` carries facts of all variants in its metadata, of which OSS allows 8 KB. */
export const MAX_VARIANTS = 32;
const variantName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/** Where an overlay lies on a variant. */
export const OVERLAY_POSITIONS = [
  'northwest',
  'north',
  'northeast',
  'west',
  'centre',
  'east',
  'southwest',
  'south',
  'southeast',
] as const;

/** A PNG of the operator that is drawn onto variants. PROFILES_FILE has its path as `file` instead of its digest. */
export const overlaySchema = z.strictObject({
  sha256: z.string(),
  position: z.enum(OVERLAY_POSITIONS).default('southeast'),
  opacity: z.number().min(0.01).max(1).default(1),
  /** Its width as a part of the variant's. */
  scale: z.number().min(0.01).max(1).default(0.25),
  /** The variants that get it; by default all. */
  variants: z.array(variantName).min(1).optional(),
  /** `aiLabel`: only if the source has a label of AI-generated content. */
  when: z.enum(['aiLabel']).optional(),
});
export type Overlay = z.output<typeof overlaySchema>;

export const profileSchema = z.strictObject({
  require: z
    .strictObject({
      formats: z.array(z.enum(IMAGE_FORMATS)).min(1).optional(),
      maxBytes: size.optional(),
      minWidth: z.int().positive().optional(),
      minHeight: z.int().positive().optional(),
      aspect: aspect.optional(),
    })
    .default({}),
  variants: z
    .record(variantName, variantSchema)
    .refine((variants) => 'main' in variants, 'no-main')
    .refine((variants) => Object.keys(variants).length <= MAX_VARIANTS, 'too-many-variants'),
  colorSpace: z.enum(['srgb', 'preserve']).default('srgb'),
  /** `copyright` keeps creator, notice and licence. Without a default, so that versions of profiles without it stay the same. */
  metadata: z.enum(['none', 'copyright']).optional(),
  /** The reviewers, in the order in which they are asked before publication. An image that none decides is held. No default, as above. */
  review: z.array(z.enum(REVIEWERS)).min(1).max(REVIEWERS.length).optional(),
  /** Fields that the `http` reviewer gets besides the image, its id, owner, profile and size. No default, as above. */
  reviewFields: z.array(z.enum(['externalId', 'metadata'])).optional(),
  /** Private objects are stored in ALIYUN_OSS_PRIVATE_BUCKET. No default, as above. */
  visibility: z.enum(VISIBILITIES).optional(),
  /** Precedes the keys, after ALIYUN_OSS_PREFIX. No default, as above. */
  prefix: keyPrefix.optional(),
  /** No default, as above. */
  overlay: overlaySchema.optional(),
});

export type Variant = z.output<typeof variantSchema>;
export type Profile = z.output<typeof profileSchema>;
export type Profiles = ReadonlyMap<string, Profile>;

/** The different prefixes of profiles. */
export const prefixesOf = (profiles: Iterable<Pick<Profile, 'prefix'>>): string[] => [
  ...new Set([...profiles].flatMap(({ prefix }) => prefix ?? [])),
];

/** A profile as `GET /v1/profiles` lists it. */
export const listedProfileSchema = z
  .object({
    name: z.string().meta({ examples: ['default'] }),
    version: z.string().meta({
      examples: ['4d5f0a1c9e27'],
      description:
        'The `receipt.profileVersion` of images that this profile makes; a changed profile has another one',
    }),
    variants: z.record(
      z.string(),
      z.object({
        fit: variantSchema.shape.fit.unwrap(),
        format: variantSchema.shape.format.unwrap(),
        width: side
          .nullable()
          .meta({ examples: [2560], description: 'The largest width in pixels; null without a limit' }),
        height: side.nullable().meta({ examples: [2560] }),
      }),
    ),
  })
  .meta({ id: 'Profile' });
export type ListedProfile = z.output<typeof listedProfileSchema>;

export const PROFILE_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** The recipes that are always there; PROFILES_FILE adds to them or replaces them by name. */
export function builtInProfiles(): Map<string, Profile> {
  const photo = (effort: number) =>
    profileSchema.parse({
      variants: {
        main: { width: 2560, height: 2560, effort },
        thumb: { width: 320, height: 320, format: 'webp', animated: 'first', effort },
      },
    });
  return new Map([
    ['default', photo(2)],
    ['compact', photo(6)],
    [
      'avatar',
      profileSchema.parse({
        require: { formats: ['jpeg', 'png'], maxBytes: MIB },
        variants: { main: { fit: 'cover', width: 512, height: 512 } },
      }),
    ],
  ]);
}

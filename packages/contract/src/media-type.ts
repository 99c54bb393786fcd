interface Format {
  mediaType: string;
  /** Of the keys of published objects, without the dot. */
  extension: string;
  /** Whether a variant can have it. */
  isStored: boolean;
  /** The format of a variant that keeps the format of such a source. */
  keptAs: string;
  /** Whether sources of this type are accepted unless ACCEPT_FORMATS says otherwise; for HEIC, HEIC_DECODER decides. */
  isAccepted: boolean;
}

/** Every format that Pixdock can accept, by the name that settings and profiles use. */
export const FORMATS = {
  jpeg: { mediaType: 'image/jpeg', extension: 'jpg', isStored: true, keptAs: 'jpeg', isAccepted: true },
  png: { mediaType: 'image/png', extension: 'png', isStored: true, keptAs: 'png', isAccepted: true },
  webp: { mediaType: 'image/webp', extension: 'webp', isStored: true, keptAs: 'webp', isAccepted: true },
  gif: { mediaType: 'image/gif', extension: 'gif', isStored: true, keptAs: 'webp', isAccepted: true },
  avif: { mediaType: 'image/avif', extension: 'avif', isStored: true, keptAs: 'webp', isAccepted: true },
  heic: { mediaType: 'image/heic', extension: 'heic', isStored: false, keptAs: 'jpeg', isAccepted: false },
  tiff: { mediaType: 'image/tiff', extension: 'tiff', isStored: false, keptAs: 'webp', isAccepted: false },
} as const satisfies Record<string, Format>;

export type ImageFormat = keyof typeof FORMATS;
export const IMAGE_FORMATS = Object.keys(FORMATS) as ImageFormat[];

/** The formats of sources that are accepted unless ACCEPT_FORMATS says otherwise. */
export const ACCEPTED_FORMATS = IMAGE_FORMATS.filter((format) => FORMATS[format].isAccepted);

/** The formats that a variant can have. */
export type StoredFormat = {
  [F in ImageFormat]: (typeof FORMATS)[F]['isStored'] extends true ? F : never;
}[ImageFormat];
export const STORED_FORMATS = IMAGE_FORMATS.filter(
  (format): format is StoredFormat => FORMATS[format].isStored,
);

/** OSS image processing refuses longer sides, so nothing we publish exceeds it. */
export const OSS_MAX_SIDE = 30_000;

/** The media type of an Excel workbook. */
export const WORKBOOK_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflate, deflateSync } from 'node:zlib';
import libheif from 'libheif-js/wasm-bundle.js';

/*
 * Decodes the primary image of a HEIC file into a PNG, upright and in RGB or RGBA, with the arguments of heif-dec:
 * `node main.js --png-compression-level 0 INPUT OUTPUT`. It ends with 1 and libheif's words on stderr if it cannot.
 */

/** heif_colorspace_RGB */
const RGB = 1;
/** heif_chroma_interleaved_RGB, _RGBA, _RRGGBB_BE and _RRGGBBAA_BE */
const CHROMA = { rgb: 10, rgba: 11, deepRgb: 12, deepRgba: 13 };
/** heif_channel_interleaved */
const INTERLEAVED = 10;

const errorAt = libheif._malloc(12);
const resultAt = libheif._malloc(4);

/** Throws the error that the last call has left. */
function check(): void {
  const [code, , message = 0] = libheif.HEAPU32.subarray(errorAt / 4);
  if (code === 0) return;
  const text = libheif.HEAPU8.subarray(message);
  throw new Error(Buffer.from(text.subarray(0, text.indexOf(0))).toString());
}

const result = () => libheif.HEAPU32[resultAt / 4] ?? 0;

interface Decoded {
  width: number;
  height: number;
  /** Of each sample; those of more than 8 bits take two bytes, the higher one first. */
  bits: number;
  hasAlpha: boolean;
  profile: Uint8Array;
  rows: () => Iterable<Buffer>;
}

function decode(file: Uint8Array): Decoded {
  const fileAt = libheif._malloc(file.length);
  libheif.HEAPU8.set(file, fileAt);
  const context = libheif._heif_context_alloc();
  libheif._heif_context_read_from_memory_without_copy(errorAt, context, fileAt, file.length, 0);
  check();
  libheif._heif_context_get_primary_image_handle(errorAt, context, resultAt);
  check();
  const handle = result();
  const isDeep = libheif._heif_image_handle_get_luma_bits_per_pixel(handle) > 8;
  const hasAlpha = libheif._heif_image_handle_has_alpha_channel(handle) === 1;
  const shallow = hasAlpha ? CHROMA.rgba : CHROMA.rgb;
  const deep = hasAlpha ? CHROMA.deepRgba : CHROMA.deepRgb;
  libheif._heif_decode_image(errorAt, handle, resultAt, RGB, isDeep ? deep : shallow, 0);
  check();
  const image = result();
  const width = libheif._heif_image_get_width(image, INTERLEAVED);
  const height = libheif._heif_image_get_height(image, INTERLEAVED);
  const pixelsAt = libheif._heif_image_get_plane_readonly(image, INTERLEAVED, resultAt);
  const stride = result();
  const bytesPerRow = width * (hasAlpha ? 4 : 3) * (isDeep ? 2 : 1);
  return {
    width,
    height,
    bits: libheif._heif_image_get_bits_per_pixel_range(image, INTERLEAVED),
    hasAlpha,
    profile: profileOf(handle),
    *rows() {
      for (let y = 0; y < height; y++) {
        const at = pixelsAt + y * stride;
        yield Buffer.from(libheif.HEAPU8.subarray(at, at + bytesPerRow));
      }
    },
  };
}

function profileOf(handle: number): Uint8Array {
  const length = libheif._heif_image_handle_get_raw_color_profile_size(handle);
  if (length === 0) return Buffer.of();
  const at = libheif._malloc(length);
  libheif._heif_image_handle_get_raw_color_profile(errorAt, handle, at);
  check();
  return libheif.HEAPU8.slice(at, at + length);
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const COLOUR_TYPE = { rgb: 2, rgba: 6 };
const NO_FILTER = Buffer.of(0);
const IHDR_REST = [0, 0, 0];

/**
 * A PNG with stored pixels, which is read once and deleted: to compress it would double the CPU time. sharp cannot add a profile
 * without converting the pixels.
 */
async function* pngOf({ width, height, bits, hasAlpha, profile, rows }: Decoded): AsyncGenerator<Buffer> {
  yield PNG_SIGNATURE;
  const header = Buffer.alloc(8);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const depth = bits > 8 ? 16 : 8;
  const colourType = hasAlpha ? COLOUR_TYPE.rgba : COLOUR_TYPE.rgb;
  yield chunk('IHDR', Buffer.concat([header, Buffer.of(depth, colourType, ...IHDR_REST)]));
  if (profile.length > 0) yield chunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), deflateSync(profile)]));
  const deflate = createDeflate({ level: 0 });
  const written = pipeline(Readable.from(filtered(rows(), bits)), deflate);
  for await (const piece of deflate) yield chunk('IDAT', piece);
  await written;
  yield chunk('IEND', Buffer.of());
}

function* filtered(rows: Iterable<Buffer>, bits: number): Generator<Buffer> {
  for (const row of rows) {
    yield NO_FILTER;
    yield bits > 8 ? widened(row, bits) : row;
  }
}

/** Repeats the highest bits of each sample below it, so that the full range becomes that of 16 bits. */
function widened(row: Buffer, bits: number): Buffer {
  for (let at = 0; at < row.length; at += 2) {
    const sample = row.readUInt16BE(at);
    row.writeUInt16BE((sample << (16 - bits)) | (sample >> (2 * bits - 16)), at);
  }
  return row;
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

const [input = '', output = ''] = process.argv.slice(-2);
try {
  await pipeline(pngOf(decode(readFileSync(input))), createWriteStream(output));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

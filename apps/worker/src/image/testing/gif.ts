export interface GifFrame {
  width: number;
  height: number;
  left?: number;
  top?: number;
}

/** Makes an animated GIF of one colour (GIF89a), with each frame as small as LZW allows. */
export function makeGif(
  screen: { width: number; height: number },
  frames: readonly GifFrame[],
  { version = '89a', extensions = [] as readonly Buffer[], hasEndCode = true } = {},
): Buffer {
  const head = Buffer.from(`GIF${version}`.padEnd(13, '\0'), 'latin1');
  head.writeUInt16LE(screen.width, 6);
  head.writeUInt16LE(screen.height, 8);
  head[10] = 0x80;
  const colours = Buffer.of(200, 40, 40, 40, 200, 40);
  return Buffer.concat([
    head,
    colours,
    ...extensions,
    ...frames.map((frame) => frameOf(frame, hasEndCode)),
    Buffer.of(0x3b),
  ]);
}

/** Makes an extension block. `label` is its type, such as 0xFE for a comment. */
export function gifExtension(label: number, first: Buffer, data: Buffer): Buffer {
  const head = first.length === 0 ? [] : [Buffer.of(first.length), first];
  return Buffer.concat([Buffer.of(0x21, label), ...head, subBlocks(data)]);
}

function frameOf({ width, height, left = 0, top = 0 }: GifFrame, hasEndCode: boolean): Buffer {
  const head = Buffer.alloc(10);
  head[0] = 0x2c;
  [left, top, width, height].forEach((value, i) => head.writeUInt16LE(value, 1 + i * 2));
  return Buffer.concat([head, Buffer.of(MIN_CODE_SIZE), subBlocks(solid(width * height, hasEndCode))]);
}

function subBlocks(data: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < data.length; at += 255) {
    const block = data.subarray(at, at + 255);
    blocks.push(Buffer.of(block.length), block);
  }
  return Buffer.concat([...blocks, Buffer.of(0)]);
}

const MIN_CODE_SIZE = 2;
const CLEAR = 1 << MIN_CODE_SIZE;
const END = CLEAR + 1;
const LAST_CODE = 4095;

/** LZW data of one colour: each code stands for a run that is one pixel longer, until the table is full. */
function solid(pixels: number, hasEndCode: boolean): Buffer {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  const write = (code: number, width: number) => {
    held |= code << bits;
    for (bits += width; bits >= 8; bits -= 8) {
      bytes.push(held & 0xff);
      held >>>= 8;
    }
  };
  write(CLEAR, MIN_CODE_SIZE + 1);
  write(0, MIN_CODE_SIZE + 1);
  let remaining = pixels - 1;
  let code = END;
  let width = MIN_CODE_SIZE + 1;
  while (remaining > 0) {
    const known = Math.min(code + 1, LAST_CODE);
    const run = known - END + 1;
    // The remaining pixels are written one by one.
    write(run <= remaining ? known : 0, width);
    remaining -= run <= remaining ? run : 1;
    code = known;
    if (code === (1 << width) - 1 && width < 12) width++;
  }
  if (hasEndCode) write(END, width);
  if (bits > 0) bytes.push(held & 0xff);
  return Buffer.from(bytes);
}

import sharp, { type Sharp } from 'sharp';

/** A picture that compresses like a photo: blue, with a red mark in the top left corner. */
export async function photo(width = 400, height = 300): Promise<Buffer> {
  return picture(width, height).jpeg({ quality: 85 }).toBuffer();
}

export function picture(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const red = x < width / 4 && y < height / 4;
      const noise = (x * 7 + y * 13) % 23;
      pixels[at] = red ? 220 : 30 + noise;
      pixels[at + 1] = 40 + noise;
      pixels[at + 2] = red ? 40 : 200;
    }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

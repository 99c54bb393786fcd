import sharp from 'sharp';

const PALETTES = [
  ['#f6d9b8', '#e59f71', '#7b6d8d', '#274060', '#1b2845'],
  ['#fbe3b5', '#f2b870', '#d98b4a', '#b5613c', '#7a3b2e'],
  ['#dfeadf', '#a3c4a8', '#5f9274', '#2f6650', '#18402f'],
  ['#ffd9c7', '#f59e8b', '#b8607a', '#5a3566', '#2b1d46'],
  ['#e3f1f6', '#a9d3e0', '#5fa3ba', '#2d6f8a', '#174a63'],
  ['#fdf3cf', '#cfe09b', '#8fb969', '#4f8a4c', '#2a5a37'],
] as const;

const POSITION = {
  GPSLatitudeRef: 'N',
  GPSLatitude: '30/1 15/1 0/1',
  GPSLongitudeRef: 'E',
  GPSLongitude: '120/1 9/1 0/1',
};

/** A drawn landscape with a sun, hills and grain, as a JPEG with an orientation and a GPS position, like a photo of a phone. */
export async function scenery(index: number): Promise<Buffer> {
  const [sky, ...hills] = PALETTES[index % PALETTES.length] ?? PALETTES[0];
  const waves = hills.map((color, i) => hill(color, 560 + i * 210, 130 - i * 15, index * 1.7 + i * 2.1));
  const sun = `<circle cx="${500 + index * 210}" cy="${330 + (index % 3) * 60}" r="120" fill="#fff" opacity="0.75"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="1400">
<rect width="2000" height="1400" fill="${sky}"/>${sun}${waves.join('')}</svg>`;
  const noise = {
    create: {
      width: 2000,
      height: 1400,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 14 },
    },
  } as const;
  const grain = await sharp(noise).png().toBuffer();
  const drawn = await sharp(Buffer.from(svg))
    .composite([{ input: grain, blend: 'soft-light' }])
    .png({ compressionLevel: 1 })
    .toBuffer();
  return sharp(drawn)
    .rotate(90)
    .withMetadata({ orientation: 8 })
    .withExifMerge({ IFD3: POSITION })
    .jpeg({ quality: 93 })
    .toBuffer();
}

function hill(color: string, height: number, swing: number, phase: number): string {
  const points = Array.from({ length: 41 }, (_, i) => {
    const y = height + Math.sin(i / 5 + phase) * swing + Math.sin(i / 2.3 + phase * 2) * swing * 0.3;
    return `${i * 50},${y.toFixed(0)}`;
  });
  return `<polygon fill="${color}" points="0,1400 ${points.join(' ')} 2000,1400"/>`;
}

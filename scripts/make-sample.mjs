// Makes examples/photo.jpg, what the first upload sends: a generated picture that lies on its side and says so in its
// EXIF (orientation 6), with a place in it (GPS), so that the answer shows what Pixdock does about both.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from './lib/root.mjs';

const sharp = createRequire(join(ROOT, 'apps/worker/package.json'))('sharp');
const WIDTH = 1200;
const HEIGHT = 1600;

const hill = (y, depth, color) =>
  `<path fill="${color}" d="M0 ${y} C ${WIDTH * 0.2} ${y - depth}, ${WIDTH * 0.35} ${y - depth * 0.9}, ${WIDTH * 0.5} ${y - depth * 0.3}
   S ${WIDTH * 0.85} ${y - depth * 1.1}, ${WIDTH} ${y - depth * 0.4} V ${HEIGHT} H 0 Z"/>`;
const boat = (x, y, size) =>
  `<g transform="translate(${x} ${y}) scale(${size})"><path fill="#3b2a35" d="M-60 0 H60 L42 22 H-42 Z"/>
   <path fill="#fff4e3" d="M-4 -8 V-120 L-56 -8 Z"/><path fill="#f6d9b8" d="M4 -8 V-100 L46 -8 Z"/></g>`;
const glints = Array.from({ length: 46 }, (_, index) => {
  const y = 1120 + index * 9.5;
  const width = 24 + ((index * 37) % 90) + index * 2;
  return `<rect x="${780 - width / 2 + ((index * 53) % 60) - 30}" y="${y}" width="${width}" height="3.5" rx="2" fill="#ffe9bf" opacity="${0.75 - index * 0.011}"/>`;
}).join('');

const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
  <defs>
    <linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#35477d"/><stop offset=".45" stop-color="#b8698c"/>
      <stop offset=".68" stop-color="#f5a56b"/><stop offset=".75" stop-color="#ffd79a"/></linearGradient>
    <linearGradient id="sea" x2="0" y2="1"><stop offset="0" stop-color="#e39b72"/><stop offset=".3" stop-color="#8d6284"/>
      <stop offset="1" stop-color="#2a3561"/></linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff6d8" stop-opacity=".95"/><stop offset=".25" stop-color="#ffe2a3" stop-opacity=".55"/>
      <stop offset="1" stop-color="#ffd08a" stop-opacity="0"/></radialGradient>
  </defs>
  <rect width="${WIDTH}" height="${HEIGHT}" fill="url(#sky)"/>
  <circle cx="780" cy="985" r="430" fill="url(#glow)"/><circle cx="780" cy="985" r="86" fill="#fff3cf"/>
  ${hill(1060, 330, '#8b6d93')}${hill(1090, 210, '#6b5a86')}${hill(1112, 110, '#4d4673')}
  <rect y="1110" width="${WIDTH}" height="490" fill="url(#sea)"/>
  ${glints}${boat(370, 1290, 1.35)}${boat(985, 1180, 0.6)}
</svg>`;

const upright = await sharp(Buffer.from(picture)).flatten().png().toBuffer();
mkdirSync(join(ROOT, 'examples'), { recursive: true });
const { width, height, size } = await sharp(upright)
  // Turned back by a quarter, as a camera held upright stores it.
  .rotate(-90)
  .withExif({
    IFD0: { Make: 'Pixdock', Model: 'make-sample', Orientation: '6', Software: 'scripts/make-sample.mjs' },
    IFD2: { DateTimeOriginal: '2026:11:24 18:30:00' },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: '30/1 15/1 0/1',
      GPSLongitudeRef: 'E',
      GPSLongitude: '120/1 9/1 0/1',
    },
  })
  .withMetadata({ orientation: 6 })
  .jpeg({ quality: 88, mozjpeg: true })
  .toFile(join(ROOT, 'examples', 'photo.jpg'));
console.log(`examples/photo.jpg: ${width} × ${height}, ${Math.round(size / 1024)} KB`);

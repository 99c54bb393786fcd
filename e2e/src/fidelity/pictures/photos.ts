import { type Canvas, hash, paint } from './canvas.js';

/** Soft shapes, texture and the grain of a sensor, from coarse to fine. */
export function landscape(width: number, height: number, seed: number): Canvas {
  const horizons = Array.from(
    { length: width },
    (_, x) => 0.35 + 0.15 * texture(x / width, 0, seed + 1, 2, 3),
  );
  return paint(width, height, (x, y) => {
    const horizon = height * (horizons[x] ?? 0);
    const grain = (hash(x, y, seed + 2) - 0.5) * 1.5;
    if (y < horizon) {
      const dusk = y / horizon;
      return [90 + 120 * dusk + grain, 130 + 70 * dusk + grain, 210 - 30 * dusk + grain];
    }
    const light = 60 + 150 * texture(x / width, y / height, seed, 3, 5);
    return [light * 0.8 + grain, light + grain, light * 0.45 + grain];
  });
}

/** A lit ball before a blurred background. */
export function stillLife(width: number, height: number, seed: number): Canvas {
  const radius = Math.min(width, height) * 0.35;
  return paint(width, height, (x, y) => {
    const [dx, dy] = [(x - width / 2) / radius, (y - height / 2) / radius];
    const distance = Math.hypot(dx, dy);
    const grain = (hash(x, y, seed) - 0.5) * 1.5;
    const soft = 90 * texture(x / width, y / height, seed + 1, 3, 5);
    if (distance > 1) return [90 + soft + grain, 75 + soft + grain, 60 + soft + grain];
    const light = 90 + 120 * Math.max(0, 0.6 - 0.5 * dx - 0.6 * dy) * Math.sqrt(1 - distance * distance);
    return [light * 1.1 + grain, light * 0.5 + grain, light * 0.35 + grain];
  });
}

/** Smooth noise in several octaves, from 0 to 1. */
function texture(x: number, y: number, seed: number, cells: number, octaves: number): number {
  let sum = 0;
  let weight = 0;
  for (let octave = 0; octave < octaves; octave++) {
    const scale = cells * 2 ** octave;
    sum += smooth(x * scale, y * scale, seed + octave) / 2 ** octave;
    weight += 1 / 2 ** octave;
  }
  return sum / weight;
}

function smooth(x: number, y: number, seed: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [ease(x - left), ease(y - top)];
  const upper = mix(hash(left, top, seed), hash(left + 1, top, seed), u);
  const lower = mix(hash(left, top + 1, seed), hash(left + 1, top + 1, seed), u);
  return mix(upper, lower, v);
}

const ease = (t: number) => t * t * (3 - 2 * t);
const mix = (a: number, b: number, t: number) => a + (b - a) * t;

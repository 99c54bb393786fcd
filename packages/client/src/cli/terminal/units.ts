const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `4.2 MiB` */
export function bytes(size: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, size)) / 10));
  const value = size / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** `0:07`, `12:30`, `3:05:00`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}

/** `12,345` */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A ratio as ` 42%`, four columns wide. */
export function percent(share: number): string {
  // Rounds down, so that 100% means complete.
  return `${Math.floor(Math.min(1, Math.max(0, share)) * 100)}%`.padStart(4);
}

/** A ratio as `██░░`. */
export function bar(share: number, columns: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * columns);
  return '█'.repeat(filled) + '░'.repeat(columns - filled);
}

/** The time of day on this machine. */
export function timeOf(moment: string | Date): string {
  const date = new Date(moment);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

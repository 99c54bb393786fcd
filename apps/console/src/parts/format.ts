import { roughSize } from '@pixdock/contract/messages/values';
import { t } from '../messages/say.js';
import { language } from '../state/preferences.js';

const locale = () => (language.value === 'zh' ? 'zh-CN' : 'en');

/** `1,234`. */
export const formatCount = (count: number) => count.toLocaleString(locale());

/** `4.1 MiB`. */
export const formatSize = roughSize;

/** `4032 × 3024`. */
export const formatPixels = (width: number, height: number) => `${width} × ${height}`;

/** `image/jpeg` as `JPEG`. */
export const formatType = (mediaType: string) => mediaType.replace(/^image\//, '').toUpperCase();

/** A time of today without its date. */
export function formatTime(iso: string): string {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  const options = isToday ? time : ({ dateStyle: 'medium', timeStyle: 'short' } as const);
  return date.toLocaleString(locale(), { ...options, hourCycle: 'h23' });
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Below this, a second matters. */
const EXACT_SECONDS = 90;

/** `45 s`, `12 min`, `3.5 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 10 && seconds % 1 !== 0) return t('seconds', { count: seconds.toFixed(1) });
  if (seconds < EXACT_SECONDS) return t('seconds', { count: String(Math.round(seconds)) });
  if (seconds < EXACT_SECONDS * MINUTE) return t('minutes', { count: String(Math.round(seconds / MINUTE)) });
  return t('hours', { count: (seconds / HOUR).toFixed(1) });
}

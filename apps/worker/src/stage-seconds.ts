import type { Stage } from '@pixdock/contract/image';
import type { ImageRecord } from '@pixdock/shared/state/records/image-record';

/** How long a final image was in each stage of its last run, with the time that it waited there. */
export function stageSeconds({
  timeline,
  finishedAt,
}: Pick<ImageRecord, 'timeline' | 'finishedAt'>): Partial<Record<Stage, number>> {
  const began = timeline.findLastIndex(({ stage }) => stage === 'received');
  const run = timeline.slice(Math.max(0, began));
  const seconds: Partial<Record<Stage, number>> = {};
  for (const [i, { stage, at }] of run.entries()) {
    if (stage === 'published') continue;
    const until = run[i + 1]?.at ?? finishedAt ?? at;
    const spent = Math.max(0, Date.parse(until) - Date.parse(at)) / 1000;
    seconds[stage] = (seconds[stage] ?? 0) + spent;
  }
  return seconds;
}

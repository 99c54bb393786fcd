import { testRecord } from '@pixdock/shared/testing/record';
import { expect, it } from 'vitest';
import { stageSeconds } from './stage-seconds.js';

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000).toISOString();

it('adds up the time in each stage of the last run', () => {
  const record = {
    ...testRecord({ status: 'published' }),
    timeline: [
      { stage: 'received', at: at(0) },
      { stage: 'validating', at: at(5) },
      // The first run failed, and the image was retried.
      { stage: 'received', at: at(100) },
      { stage: 'validating', at: at(102) },
      { stage: 'normalizing', at: at(103) },
      { stage: 'uploading', at: at(104) },
      // OSS was away.
      { stage: 'uploading', at: at(164) },
      { stage: 'verifying', at: at(165) },
      { stage: 'published', at: at(165.5) },
    ] as const,
    finishedAt: at(165.5),
  };
  expect(stageSeconds({ ...record, timeline: [...record.timeline] })).toEqual({
    received: 2,
    validating: 1,
    normalizing: 1,
    uploading: 61,
    verifying: 0.5,
  });
});

it('counts the last stage of a failed image up to its end', () => {
  const timeline = [
    { stage: 'received' as const, at: at(0) },
    { stage: 'validating' as const, at: at(1) },
  ];
  expect(stageSeconds({ timeline, finishedAt: at(3) })).toEqual({ received: 1, validating: 2 });
});

import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

interface Counts {
  objects: number;
  recovered: number;
  existing: number;
  staged: number;
  foreign: number;
}

export const say = sayIn(
  catalog({
    recovered: {
      en: ({ objects, recovered, existing, staged, foreign }: Counts) =>
        `${objects} objects listed: ${recovered} images recovered, ${existing} already have a record, ${staged} will be restored from staging, ${foreign} objects are not Pixdock's`,
      zh: ({ objects, recovered, existing, staged, foreign }) =>
        `已列出 ${objects} 个对象：已恢复 ${recovered} 张图片，${existing} 张已有记录，${staged} 张由暂存区恢复，${foreign} 个对象不属于 Pixdock`,
    },
    recoverable: {
      en: ({ objects, recovered, existing, staged, foreign }: Counts) =>
        `${objects} objects listed: ${recovered} images can be recovered, ${existing} already have a record, ${staged} will be restored from staging, ${foreign} objects are not Pixdock's`,
      zh: ({ objects, recovered, existing, staged, foreign }) =>
        `已列出 ${objects} 个对象：可恢复 ${recovered} 张图片，${existing} 张已有记录，${staged} 张由暂存区恢复，${foreign} 个对象不属于 Pixdock`,
    },
  }),
);

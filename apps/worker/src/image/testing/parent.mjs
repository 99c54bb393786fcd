// A worker for tests to kill. It opens an engine with `childPath` and renders `sourcePath`.

import { profileSchema } from '@pixdock/contract/profile';
import { createLog } from '@pixdock/shared/runtime/log';
import { DEFAULT_LIMITS } from '../../../dist/image/default-limits.js';
import { createImageEngine } from '../../../dist/image/engine.js';

const [scratchDir, childPath, sourcePath, killAfterMs] = process.argv.slice(2);
// "hasty" kills the worker while its children are still loading.
if (sourcePath === 'hasty') setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(killAfterMs));
const engine = await createImageEngine({
  limits: DEFAULT_LIMITS,
  labels: { isKept: true, propagator: null },
  overlays: new Map(),
  lanes: 2,
  scratchDir,
  childPath,
  log: createLog('parent', 'silent'),
  events: { decoderEnded() {} },
});
if (sourcePath === 'hasty') await new Promise(() => {});
else if (sourcePath) {
  const profile = profileSchema.parse({ variants: { main: { format: 'avif', effort: 9 } } });
  const onNormalizing = () => console.log('decoding');
  const task = { sourcePath, imageId: 'img_1', declaredType: null, profile, onNormalizing };
  const { outcome } = await engine.render(task, new AbortController().signal);
  console.log(outcome);
} else console.log('idle');

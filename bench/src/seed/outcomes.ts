import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StagingLayout } from '@pixdock/shared/state/folder-staging/layout';

const ID = /^\{"id":"(img_[0-9a-f]{32})"/;

/** Opens a writer of outcomes, as `settle` writes them. It is synchronous: by the thread pool, millions would take ten times as long. */
export function openOutcomeWriter(layout: StagingLayout): (record: string) => void {
  const folders = new Set<string>();
  return (record) => {
    const id = ID.exec(record)?.[1];
    if (id === undefined) throw new TypeError('a record begins with its id');
    const path = layout.outcome(id);
    const folder = dirname(path);
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    folders.add(folder);
    writeFileSync(path, `{"record":${record},"origin":null,"idempotency":null}`, { mode: 0o600 });
  };
}

import type { DryRun } from '@pixdock/client';
import { WithCode } from '../parts/with-code.js';

/** Faults of rows; the server reports the first thousand of a file. */
export function FaultList({ title, faults }: { title: string; faults: DryRun['faults'] }) {
  if (faults.length === 0) return null;
  return (
    <div class="padded">
      <h3>{title}</h3>
      <ul class="further-faults">
        {faults.map(({ row, field, detail }) => (
          <li key={`${row} ${field} ${detail}`}>
            <WithCode text={detail} />
          </li>
        ))}
      </ul>
    </div>
  );
}

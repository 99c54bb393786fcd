import type { DryRun } from '@pixdock/client';
import { t } from '../messages/say.js';
import { WithCode } from '../parts/with-code.js';

/** Faults of rows; the server reports the first thousand of a file. */
export function FaultList({ title, faults }: { title: string; faults: DryRun['faults'] }) {
  if (faults.length === 0) return null;
  return (
    <div class="padded">
      <h3>{title}</h3>
      <ul class="further-faults">
        {faults.map(({ row, field, code, detail }) => (
          <li key={`${row} ${field} ${detail}`}>
            {/* Only the detail of an invalid row names the row. */}
            <WithCode text={code === 'invalid_row' ? detail : `${t('import.row', { row })}${detail}`} />
          </li>
        ))}
      </ul>
    </div>
  );
}

import type { DryRun } from '@pixdock/client';
import { t } from '../messages/say.js';
import { WithCode } from '../parts/with-code.js';

/** The faults of rows below the preview; the server reports the first hundred of a sheet. */
export function FaultList({ faults }: { faults: DryRun['faults'] }) {
  if (faults.length === 0) return null;
  return (
    <div class="padded">
      <h3>{t('import.further-faults')}</h3>
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

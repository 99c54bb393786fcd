import { t } from '../messages/say.js';
import { may } from '../state/session.js';
import { Deliveries } from './deliveries.js';
import { FailureInbox } from './failure-inbox.js';
import { Health } from './health.js';

/** How the service is, for the holder of a key with the scope `admin`. */
export function OperatorView() {
  return (
    <div>
      <h1 tabIndex={-1}>{t('operator.title')}</h1>
      <Health />
      {may('read') && <FailureInbox />}
      {may('read') && <Deliveries />}
    </div>
  );
}

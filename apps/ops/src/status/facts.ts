import type { ErrorCode } from '@pixdock/contract/error-table';
import type { Detail } from '@pixdock/contract/messages/detail';
import type { Text } from '@pixdock/contract/messages/text';
import type { OutcomeCount } from '@pixdock/shared/state/records/outcome-counts';
import type { ServiceState } from '@pixdock/shared/state/service-state';

/** What `pixdock-ops status` finds. */
export interface Facts {
  redis:
    | { isUp: true; state: ServiceState; outcomes: OutcomeCount[]; full: Detail | null }
    | { isUp: false; reason: string /** Null if starting Redis may help. */; fix: Text | null };
  /** Null if DATA_DIR has no staging. `full`: what is full below it, and by what. */
  staging: { limit: number; byUse: StagedBytes; full: Detail | null } | null;
  dataDir: string;
  api: ApiState;
}

export interface StagedBytes {
  uploads: number;
  images: number;
  batches: number;
  outcomes: number;
}

export interface ApiState {
  url: string;
  /** Whether the operator named the URL, so that an API without a response is a problem. */
  isGiven: boolean;
  readiness: 'ready' | 'unreachable' | ErrorCode;
}

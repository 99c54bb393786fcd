import { describeStaging } from '../../testing/staging-contract.js';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { openStaging } from './open-staging.js';

describeStaging('a folder', () => openStaging(temporaryFolder()));

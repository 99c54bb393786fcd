import { render } from 'preact';
import { App } from './app.js';
import { followOwner } from './state/live.js';
import { keepPreferences } from './state/preferences.js';
import { followProfiles } from './state/profiles.js';
import { followRoute } from './state/route.js';
import { restoreSession, signInByLink } from './state/sign-in.js';
import { keepUploadsFresh } from './upload/page-queue.js';

keepPreferences();
// It removes the token from the address before the route is read.
void signInByLink().then(restoreSession);
followRoute();
followOwner();
followProfiles();
keepUploadsFresh();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);

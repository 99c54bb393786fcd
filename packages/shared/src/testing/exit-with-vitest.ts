/* A set-up file of vitest. Without it a worker goes on with its tests after vitest itself was killed. */
function exitWithVitest() {
  process.exit(1);
}

// A worker loads this for each of its files.
if (!process.listeners('disconnect').some(({ name }) => name === exitWithVitest.name))
  process.once('disconnect', exitWithVitest);

/* A set-up file of vitest: ends a worker when vitest was killed, which otherwise runs its tests to their end. */
function exitWithVitest() {
  process.exit(1);
}

// A worker loads this for each of its files.
if (!process.listeners('disconnect').some(({ name }) => name === exitWithVitest.name))
  process.once('disconnect', exitWithVitest);

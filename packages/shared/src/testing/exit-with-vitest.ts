// A set-up file of vitest. Without it a worker goes on with its tests after vitest itself was killed.
process.once('disconnect', () => process.exit(1));

const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { constants, Script } = require('node:vm');

/**
 * Runs `NAME.bundle.cjs` of a folder with the code that V8 compiled for the first process that ran it with the same options,
 * since V8 refuses the code of other options. What is not in the bundle is looked for as from `entry`.
 */
module.exports = ([name, folder, entry]) => {
  const filename = path.join(folder, `${name}.bundle.cjs`);
  const cache = path.join(folder, `${name}${process.execArgv.join('').replaceAll(/\W/g, '')}.cache`);
  const isCached = existsSync(cache);
  const script = new Script(
    `(function (exports, require, module, __filename) {${readFileSync(filename, 'latin1')}\n})`,
    {
      filename,
      ...(isCached ? { cachedData: readFileSync(cache) } : {}),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  );
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, createRequire(entry), bundle, filename);
  if (isCached) return bundle.exports;
  const write = () => {
    const partial = `${cache}.${process.pid}`;
    writeFileSync(partial, script.createCachedData());
    renameSync(partial, cache);
  };
  // By its end a service has compiled what it needs. A decoder is always killed.
  if (name === 'decoder') write();
  else process.once('exit', (code) => code === 0 && write());
  return bundle.exports;
};

const OLDEST = [20, 19];

/** Ends the process with one clear line on a Node that is too old; imports nothing, so that any Node can run it. */
export function requireNode(version = process.versions.node) {
  if (isNewEnough(version)) return;
  console.error(`Pixdock needs Node ${OLDEST.join('.')} or newer; this is Node ${version}.`);
  process.exit(1);
}

export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/**
 * Notes for an upgrade: the steps, the stored formats that this version reads, and the changes.
 * @param changelog text of CHANGELOG.md; a part `### Upgrading` of the version's says what to do beyond the usual
 * @param fixtures versions whose Redis and staging are kept for the tests
 */
export function makeUpgradeNotes({ version, changelog, fixtures }) {
  const { text = '' } = sectionOf(changelog, version) ?? {};
  const [changes, upgrading = ''] = text.split(/^### Upgrading$/m).map((part) => part.trim());
  const earlier = fixtures.filter((one) => one !== version);
  return [
    `# Upgrading to Pixdock ${version}`,
    `1. Take a backup: \`pixdock-ops backup FOLDER\`.\n2. Restart the APIs with ${version}, then the workers. Old and new may run side by side.\n3. To go back: the workers first, then the APIs.`,
    upgrading === '' ? 'Nothing else is to be done.' : `## Beyond that\n\n${upgrading}`,
    earlier.length === 0
      ? 'This is the first release.'
      : `It reads what these versions wrote, in Redis and in staging: ${earlier.join(', ')}.`,
    `## What changed\n\n${changes}`,
    '',
  ].join('\n\n');
}

/** The section of a version in CHANGELOG.md: its title without the marks, and its text. */
export function sectionOf(changelog, version) {
  const parts = changelog.split(/^## /m).slice(1);
  const found = parts.find((part) => part.startsWith(`${version} `) || part.startsWith(`${version}\n`));
  if (found === undefined) return undefined;
  const [title, ...lines] = found.split('\n');
  return { title, text: lines.join('\n').trim() };
}

import { Problem } from '../say.mjs';

/**
 * Notes for an upgrade: the steps, the stored formats that this version reads, and the changes.
 * @param changelog text of CHANGELOG.md; a part `### Upgrading` of the version's says what to do beyond the usual
 * @param isDraft whether the version may be one without a day, to try what a release consists of
 * @param fixtures versions whose Redis and staging are kept for the tests
 */
export function makeUpgradeNotes({ version, changelog, fixtures, isDraft = false }) {
  const section = sectionOf(changelog, version, isDraft);
  if (!fixtures.includes(version))
    throw new Problem(
      `e2e/src/redis/fixtures/${version} is missing: what this version writes must be kept, or the next one cannot be ` +
        `shown to read it. See e2e/src/redis/upgrade.test.ts.`,
    );
  const [changes, upgrading = ''] = section.split(/^### Upgrading$/m).map((part) => part.trim());
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

function sectionOf(changelog, version, isDraft) {
  const parts = changelog.split(/^## /m).slice(1);
  const found = parts.find((part) => part.startsWith(`${version} `) || part.startsWith(`${version}\n`));
  if (found === undefined) throw new Problem(`CHANGELOG.md has no section for ${version}.`);
  const [title, ...lines] = found.split('\n');
  if (!isDraft && !/ \(\d{4}-\d{2}-\d{2}\)$/.test(title))
    throw new Problem(
      `CHANGELOG.md says "${title}": write the day of the release, as "${version} (2027-01-31)", or add --draft.`,
    );
  return lines.join('\n').trim();
}

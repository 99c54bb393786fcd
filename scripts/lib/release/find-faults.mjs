import { FAULTS } from '../../messages/release.mjs';
import { lineOf } from '../say.mjs';
import { sectionOf } from './upgrade-notes.mjs';

/**
 * What must be done before this version can be released.
 * @param versions the versions that files name, by path
 * @param status what `git status --porcelain` prints
 */
export function findFaults({ version, versions, changelog, fixtures, status, tags }) {
  const faults = [];
  if (status !== '') faults.push(FAULTS.changes());
  if (tags.includes(`v${version}`)) faults.push(FAULTS.tagged({ version }));
  for (const [path, found] of Object.entries(versions))
    if (found !== version) faults.push(FAULTS.otherVersion({ version, path, found }));
  const section = sectionOf(changelog, version);
  if (section === undefined) faults.push(FAULTS.noSection({ version }));
  else if (!/ \(\d{4}-\d{2}-\d{2}\)$/.test(section.title))
    faults.push(FAULTS.noDay({ version, title: section.title }));
  if (!fixtures.includes(version)) faults.push(FAULTS.noFixture({ version }));
  return faults.map(lineOf);
}

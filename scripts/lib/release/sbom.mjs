import { Problem } from '../say.mjs';

/**
 * A CycloneDX 1.6 bill of materials of everything that runs, from what pnpm knows. `pnpm sbom` would make one, but comes
 * with pnpm 11, which does not run on the oldest Node that we support.
 * @param licenses what `pnpm licenses list --json` tells: license → packages
 * @param lockfile text of pnpm-lock.yaml, for the hashes
 */
export function makeSbom({ name, version, licenses, lockfile, at }) {
  const hashes = hashesOf(lockfile);
  const packages = Object.values(licenses).flat();
  const components = packages.flatMap((found) =>
    found.versions.map((one) => componentOf(found, one, hashes.get(`${found.name}@${one}`))),
  );
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: at,
      component: { type: 'application', 'bom-ref': `${name}@${version}`, name, version },
    },
    components: components.toSorted((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)),
  };
}

function componentOf({ name, license, homepage }, version, hash) {
  if (hash === undefined) throw new Problem(`pnpm-lock.yaml has no hash of ${name}@${version}.`);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const component = { type: 'library', 'bom-ref': purl, name, version, purl, hashes: [hash] };
  component.licenses = [/^[\w.-]+$/.test(license) ? { license: { id: license } } : { expression: license }];
  if (homepage) component.externalReferences = [{ type: 'website', url: homepage }];
  return component;
}

/** The hash of each `name@version`. */
function hashesOf(lockfile) {
  const entries = lockfile.matchAll(
    /^ {2}'?([^\s'(]+@[^\s'(:]+)'?:\n {4}resolution: \{integrity: sha512-(\S+?)\}/gm,
  );
  return new Map(
    [...entries].map(([, id, base64]) => [
      id,
      { alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') },
    ]),
  );
}

/**
 * The commands that build and push the images of a version for both platforms, with a bill of materials of everything in them.
 * @param compose text of docker-compose.yml, which names the images
 * @param place where the images go instead of the place in docker-compose.yml
 */
export function imageBuilds({ compose, place, version, revision, source }) {
  const named = compose.matchAll(/^ +image: \$\{PIXDOCK_IMAGES:-(.+)\}\/pixdock-(\w+):\$\{PIXDOCK_VERSION/gm);
  return Array.from(named, ([, usual, target]) => {
    const image = `${place ?? usual}/pixdock-${target}:${version}`;
    const facts = { VERSION: version, REVISION: revision, SOURCE: source };
    const args = Object.entries(facts).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    const platforms = ['--platform', 'linux/amd64,linux/arm64', '--sbom=true', '--provenance=mode=max'];
    return {
      image,
      command: ['docker', 'buildx', 'build', ...platforms, '--target', target, ...args, '--tag', image],
    };
  });
}

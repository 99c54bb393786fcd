import { execFileSync } from 'node:child_process';
import { ROOT } from '../root.mjs';

/** The targets of the Dockerfile that become images. */
const TARGETS = ['api', 'worker', 'ops'];

/** The commands that build the images of a version, each with the name of its image. */
export function imageBuilds(version) {
  return TARGETS.map((target) => {
    const image = `pixdock-${target}:${version}`;
    return { image, command: ['docker', 'build', '--target', target, '--tag', image, '.'] };
  });
}

/** Builds the images and returns their names, or null without docker. */
export function buildImages(builds) {
  try {
    for (const { command } of builds) {
      const [program, ...args] = command;
      execFileSync(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
    }
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
  return builds.map(({ image }) => image);
}

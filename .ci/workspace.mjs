// What Cargo knows about the packages of this repository.
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs Cargo in the root of the repository and returns what it prints. Its messages go to standard error. */
export function cargo(...args) {
  const options = { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'] };
  const [program, ...before] = (process.env.CARGO ?? 'cargo').split(' ');
  return execFileSync(program, [...before, ...args], options);
}

const metadata = JSON.parse(cargo('metadata', '--no-deps', '--format-version', '1'));

export const TARGET_DIRECTORY = metadata.target_directory;

/** Every package of the workspace, with the directory that it is in. */
export const PACKAGES = metadata.packages.map((each) => ({ ...each, directory: dirname(each.manifest_path) }));

/** The packages that go to crates.io. `publish = false` is an empty list here. */
export const PUBLISHED = PACKAGES.filter(({ publish }) => publish === null);

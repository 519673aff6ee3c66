// Packages every crate as `cargo publish` would, in the order of their dependencies, and checks what the archives contain.
//
//   node .ci/packages.mjs             pack and look inside
//   node .ci/packages.mjs --verify    also build each crate from its archive, against the archives of the others
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { cargo, PACKAGES, PUBLISHED, TARGET_DIRECTORY } from './workspace.mjs';

/** crates.io refuses larger archives. */
const MAX_ARCHIVE_BYTES = 10 << 20;
const IN_EVERY_CRATE = ['Cargo.toml', 'README.md', 'LICENSE-MIT', 'LICENSE-APACHE'];
/** The program embeds the built dashboard. Without it, it would serve a page that says so. */
const IN_THE_PROGRAM = ['static/dist/index.html', 'static/dist/staff/index.html', 'build.rs'];
/** Tests and sources of the dashboard stay in the repository. */
const NOT_PUBLISHED = /^(tests|benches|docs|deploy|fuzz|static\/(?!dist\/))/;

const excluded = PACKAGES.filter((each) => !PUBLISHED.includes(each)).flatMap(({ name }) => ['--exclude', name]);
const options = ['--workspace', ...excluded, '--locked', '--allow-dirty', '--quiet'];
if (process.argv.includes('--verify')) {
  cargo('package', ...options);
} else {
  try {
    // Cargo has the index of the dependencies once it has built them.
    cargo('package', ...options, '--no-verify', '--offline');
  } catch {
    cargo('package', ...options, '--no-verify');
  }
}

let faults = 0;
for (const { name, version } of PUBLISHED) {
  const archive = join(TARGET_DIRECTORY, 'package', `${name}-${version}.crate`);
  const listed = execFileSync('tar', ['--list', '--gzip', '--file', archive], { encoding: 'utf8' });
  const files = listed.split('\n').filter(Boolean).map((file) => file.replace(`${name}-${version}/`, ''));
  const needed = name === 'jangbu' ? [...IN_EVERY_CRATE, ...IN_THE_PROGRAM] : IN_EVERY_CRATE;
  const bytes = statSync(archive).size;
  const found = [
    ...needed.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => NOT_PUBLISHED.test(file)).map((file) => `${file} is not meant to be published`),
    ...(bytes > MAX_ARCHIVE_BYTES ? [`${bytes} bytes are more than crates.io accepts`] : []),
  ];
  console.log(`${name} ${version}: ${files.length} files, ${Math.ceil(bytes / 1024)} KiB`);
  found.forEach((fault) => console.error(`${name}: ${fault}`));
  faults += found.length;
}
process.exitCode = faults === 0 ? 0 : 1;

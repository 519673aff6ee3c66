// Runs the browser tests. Installs Chromium with apt if that is allowed; otherwise it reports in one line that the
// tests were not run, and how to run them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from './chromium.mjs';

const here = import.meta.dirname;
const program = process.env.JANGBU_BIN ?? resolve(here, '../../target/debug/jangbu');
const run = (command, args) => spawnSync(command, args, { cwd: resolve(here, '..'), stdio: 'inherit' }).status ?? 1;

if (!chromium() && existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
  run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium', 'fonts-noto-cjk']);
}
if (!chromium()) {
  console.error(
    'THE TESTS IN A BROWSER WERE NOT RUN: there is no Chromium. To have them run: sudo apt-get install chromium',
  );
  process.exit(0);
}
if (!existsSync(program)) {
  console.error(`there is no ${program}: build it with \`cargo build --bin jangbu\`, or name another in JANGBU_BIN`);
  process.exit(1);
}
const given = process.argv.slice(2);
const config = given.includes('--config') ? [] : ['--config', 'e2e/vitest.config.ts'];
process.exit(run(process.execPath, [resolve(here, '../node_modules/vitest/vitest.mjs'), 'run', ...config, ...given]));

// Fails when the member's entry is larger than its limit: everything that its page loads before it can be used,
// compressed.
import { readFileSync, statSync } from 'node:fs';

const MOST_BYTES = 250 * 1024;
const DIST = new URL('../dist/', import.meta.url).pathname;

const page = readFileSync(`${DIST}index.html`, 'utf8');
const files = [...page.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(match => match[1]);
const weight = ['index.html', ...files].reduce((sum, file) => sum + statSync(`${DIST}${file}.br`).size, 0);
const said = `the member's entry: ${files.length + 1} files, ${(weight / 1024).toFixed(1)} KiB compressed, of at most ${MOST_BYTES / 1024}`;
if (weight > MOST_BYTES) {
  console.error(said);
  process.exit(1);
}
console.log(said);

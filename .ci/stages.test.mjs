import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RUNS, table } from './stages.mjs';

/** Runs phases of shell commands in a process of its own. */
function runCommands(phases) {
  const program = `import { run } from './.ci/stages.mjs';
    process.exitCode = (await run(${JSON.stringify(phases)}, (command) => command)) ? 0 : 1;`;
  const root = new URL('..', import.meta.url);
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: root, encoding: 'utf8' });
}

test('every stage is a target of the Makefile', () => {
  const makefile = readFileSync(new URL('../Makefile', import.meta.url), 'utf8');
  const targets = new Set([...makefile.matchAll(/^([a-z-]+):/gm)].map(([, name]) => name));
  const missing = Object.values(RUNS).flat(3).filter((stage) => !targets.has(stage));
  assert.deepEqual(missing, []);
});

test('output of stages side by side is not mixed', () => {
  const lines = (name) => `for i in 1 2 3; do echo ${name}; sleep 0.02; done`;
  const { status, stdout } = runCommands([[[lines('left')], [lines('right')]]]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /left\nleft\nleft\n/);
  assert.match(stdout, /right\nright\nright\n/);
});

test('a failure stops what runs beside it and what comes after, and is shown last', () => {
  const { status, stdout } = runCommands([[['echo broken; false', 'echo later'], ['echo beside; sleep 60']], [['echo after']]]);
  assert.equal(status, 1);
  assert.doesNotMatch(stdout, /started: echo later|=== echo after/);
  const shown = [...stdout.matchAll(/^=== (.*)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(shown.slice(-2), ['echo broken; false: FAILED', 'time of each stage']);
  assert.match(stdout, /sleep 60 .*stopped/);
});

test('a stage alone prints as it goes, and its failure fails the run', () => {
  const { status, stdout } = runCommands([[['echo first']], [['echo second >&2; exit 3']]]);
  assert.equal(status, 1);
  assert.match(stdout, /=== echo first\nfirst\n\n=== echo second >&2; exit 3\nsecond\n/);
});

test('the table has a line for each stage and the total', () => {
  const results = [
    { stage: 'format', seconds: 2.04, isOk: true },
    { stage: 'lints', seconds: 101, isOk: false },
  ];
  assert.deepEqual(table(results, 103.1), [
    'format      2.0 s  ok',
    'lints     101.0 s  FAILED',
    'total     103.1 s',
  ]);
});

// Runs the stages of `make check` or `make test` and prints how long each took.
//
//   node .ci/stages.mjs check|test
//
// A stage is a target of the Makefile, so each can also be run alone. Stages that may run side by side do. Their output is
// kept and printed as a whole when they end; a stage that runs alone prints as it goes. The first failure stops the run, and
// its output comes last before the table of times.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';

/** The longest stage takes ten minutes on two busy cores. A stage that hangs must not hold up CI until its own limit. */
const MAX_STAGE_MINUTES = 40;

/**
 * The phases of each run, in order. A phase is a list of lanes that run side by side; a lane is a list of stages that
 * follow each other. Cargo's stages share a lane, because Cargo locks its target directory. Cheap stages come first.
 */
export const RUNS = {
  check: [
    [
      ['format', 'lints', 'unit-tests', 'documents'],
      ['repository', 'commits', 'dashboard-check', 'dashboard-tests'],
    ],
  ],
  test: [
    [
      ['format', 'lints', 'product'],
      ['repository', 'commits', 'dashboard-check', 'dashboard-tests'],
    ],
    // The program embeds the dashboard: nothing may compile the program while the dashboard is built. The library does not.
    [['documentation', 'public-api', 'licences', 'msrv'], ['dashboard']],
    [['test-programs']],
    // These need both cores: their own time limits assume that nothing else runs.
    [['tests']],
    [['fuzz-api'], ['doc-tests', 'examples', 'api-types', 'packages', 'soak', 'check-deploy']],
    [['browser-tests']],
  ],
};

/** Runs one stage and returns how it ended. `started` gets the child process. */
async function runStage(stage, command, { isAlone, started }) {
  const begin = performance.now();
  // A group of its own, so that everything that a stage started can be stopped with it.
  const child = spawn(command(stage), { shell: '/bin/sh', detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  const print = (chunk) => (isAlone ? process.stdout.write(chunk) : output.push(Buffer.from(chunk)));
  child.stdout.on('data', print);
  child.stderr.on('data', print);
  started(child);
  const limit = setTimeout(() => {
    print(`stopped: ${stage} ran for ${MAX_STAGE_MINUTES} minutes\n`);
    stop(child);
  }, MAX_STAGE_MINUTES * 60_000);
  const [code] = await once(child, 'close');
  clearTimeout(limit);
  return { stage, isOk: code === 0, seconds: (performance.now() - begin) / 1000, output: Buffer.concat(output) };
}

function stop(child) {
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It ended by itself.
  }
}

const heading = (text) => process.stdout.write(`\n=== ${text}\n`);

function show({ stage, isOk, output }) {
  heading(`${stage}: ${isOk ? 'ok' : 'FAILED'}`);
  process.stdout.write(output);
}

/** Runs the stages of a phase. Returns the results in the order in which the stages ended. */
async function runPhase(lanes, command, running) {
  const results = [];
  let failed = null;
  const runLane = async (lane) => {
    for (const stage of lane) {
      if (failed !== null) return;
      const isAlone = lanes.length === 1;
      if (isAlone) heading(stage);
      else console.log(`started: ${stage}`);
      let own;
      const started = (child) => running.add((own = child));
      const result = await runStage(stage, command, { isAlone, started });
      running.delete(own);
      if (failed !== null) result.isStopped = true;
      results.push(result);
      if (result.isOk || result.isStopped) {
        if (!isAlone) show(result);
      } else {
        failed = result;
        running.forEach(stop);
      }
    }
  };
  await Promise.all(lanes.map(runLane));
  if (failed !== null && lanes.length > 1) show(failed);
  return results;
}

/** Returns the table of times, one line per stage. */
export function table(results, total) {
  const width = Math.max(...results.map(({ stage }) => stage.length), 'total'.length);
  const line = (name, seconds, how) => `${name.padEnd(width)} ${seconds.toFixed(1).padStart(8)} s  ${how}`.trimEnd();
  const how = ({ isOk, isStopped }) => (isOk ? 'ok' : isStopped ? 'stopped' : 'FAILED');
  return [...results.map((result) => line(result.stage, result.seconds, how(result))), line('total', total, '')];
}

/** Runs all phases, prints the table, and returns whether every stage passed. */
export async function run(phases, command) {
  const begin = performance.now();
  const running = new Set();
  const results = [];
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      running.forEach(stop);
      process.exit(1);
    });
  }
  for (const lanes of phases) {
    results.push(...(await runPhase(lanes, command, running)));
    if (results.some(({ isOk }) => !isOk)) break;
  }
  heading('time of each stage');
  table(results, (performance.now() - begin) / 1000).forEach((line) => console.log(line));
  return results.every(({ isOk }) => isOk);
}

if (basename(process.argv[1] ?? '') === 'stages.mjs') {
  const phases = RUNS[process.argv[2]];
  if (phases === undefined) {
    console.error(`usage: node .ci/stages.mjs ${Object.keys(RUNS).join('|')}`);
    process.exitCode = 2;
  } else {
    const isOk = await run(phases, (stage) => `${process.env.MAKE ?? 'make'} --no-print-directory ${stage}`);
    process.exitCode = isOk ? 0 : 1;
  }
}

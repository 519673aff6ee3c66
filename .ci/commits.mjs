// Checks commit messages: a subject of at most 72 characters without a full stop, an empty line, and a body.
//
//   node .ci/commits.mjs          check the newest commits
//   node .ci/commits.mjs FILE     check the message in FILE (for Git's `commit-msg` hook)
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** `git log --oneline` and the web pages of repositories show this many characters without cutting them. */
const MAX_SUBJECT_CHARS = 72;
/** Commits up to this one are older than the rule. */
const BEFORE_THE_RULE = '70fb4cff7ecfc0219832c2af67f05d2c29e8b007';
/** Keeps the check fast as history grows. Older commits were checked when they were new. */
const MAX_COMMITS = 200;
/** Lines for tools at the end of a message. They do not count as a body. */
const TRAILER = /^(Signed-off-by|Co-authored-by|Reviewed-by|Acked-by|Fixes|Refs): /i;
const WORK_IN_PROGRESS = /^(fixup!|squash!|amend!|wip\b)/i;

/** Returns the faults of a message. A merge needs no body, because the merged commits have theirs. */
export function faults(message, { isMerge = false } = {}) {
  const [subject = '', second = '', ...rest] = message.trimEnd().split('\n');
  const length = [...subject].length;
  const found = [];
  if (subject.trim() === '') found.push('the subject is empty');
  if (length > MAX_SUBJECT_CHARS) found.push(`the subject has ${length} characters; the limit is ${MAX_SUBJECT_CHARS}`);
  if (subject.endsWith('.')) found.push('the subject ends with a full stop');
  if (WORK_IN_PROGRESS.test(subject)) found.push('the subject marks work in progress');
  if (second.trim() !== '') found.push('the second line is not empty');
  const hasBody = rest.some((line) => line.trim() !== '' && !TRAILER.test(line));
  if (!isMerge && !hasBody) found.push('there is no body that explains why');
  return found;
}

/** Returns the message as Git will store it: without comments and without the diff of `git commit --verbose`. */
export function withoutComments(text) {
  const [message] = text.split(/^# -+ >8 -+$/m);
  return message.split('\n').filter((line) => !line.startsWith('#')).join('\n').trim();
}

const git = (...args) => spawnSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 26 });

function newestCommits() {
  // A shallow clone may lack the last commit before the rule. It then has newer commits only.
  const isKnown = git('cat-file', '-e', `${BEFORE_THE_RULE}^{commit}`).status === 0;
  const range = isKnown ? ['HEAD', `^${BEFORE_THE_RULE}`] : ['HEAD'];
  const log = git('log', `--max-count=${MAX_COMMITS}`, '--format=%h%x1f%p%x1f%B%x1e', ...range);
  if (log.status !== 0) throw new Error(log.stderr);
  const records = log.stdout.split('\x1e').map((record) => record.trimStart());
  return records.filter((record) => record !== '').map((record) => {
    const [hash, parents, message] = record.split('\x1f');
    return { hash, isMerge: parents.includes(' '), message };
  });
}

function checkFile(file) {
  const message = withoutComments(readFileSync(file, 'utf8'));
  // `git rebase --autosquash` folds such a commit into another one, whose message stays.
  if (WORK_IN_PROGRESS.test(message)) return 0;
  const found = faults(message, { isMerge: message.startsWith('Merge ') });
  found.forEach((fault) => console.error(`commit message: ${fault}`));
  return found.length === 0 ? 0 : 1;
}

function checkHistory() {
  if (git('rev-parse', '--git-dir').status !== 0) {
    console.log('commit messages were not checked: this is not a Git checkout');
    return 0;
  }
  const commits = newestCommits();
  const found = commits.flatMap(({ hash, isMerge, message }) =>
    faults(message, { isMerge }).map((fault) => `${hash} ${JSON.stringify(message.split('\n')[0])}: ${fault}`),
  );
  found.forEach((line) => console.error(line));
  console.log(`${commits.length} commit messages checked, ${found.length} faults`);
  return found.length === 0 ? 0 : 1;
}

if (basename(process.argv[1] ?? '') === 'commits.mjs') {
  process.exitCode = process.argv[2] === undefined ? checkHistory() : checkFile(process.argv[2]);
}

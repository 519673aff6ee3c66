/** The real program, with its own bank in a temporary directory. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from './client';

/** The password of every member of a test's bank. */
export const PASSWORD = 'kq8!hz2w of the town';

const PROGRAM = process.env.JANGBU_BIN ?? resolve(import.meta.dirname, '../../target/debug/jangbu');
const START_MS = 60_000;
/** Cheap password hashes and no rate limits, so that tests are fast and never rejected. */
const SETTINGS = [
  'passwords.memory_kib=8',
  'passwords.iterations=1',
  'rates.sign_in_per_address=0',
  'rates.sign_up_per_address=0',
  'access_log=false',
  'second_factor=nobody',
  ...['changes', 'credentials', 'endings', 'transfers', 'lookups', 'batch_lookups', 'staff'].flatMap(budget => [
    `rates.${budget}_per_member=0`,
    `rates.${budget}_per_address=0`,
  ]),
];

export interface Wanted {
  /** How many seconds the verification of a transfer takes, such as `30` or `1..2`. */
  bottleneck?: string;
  /** Starts a demo bank, whose passwords are in `Bank.printed`. */
  demo?: boolean;
  /** The bank's time zone, by default Seoul's. */
  timeZone?: string;
  /** Starts without an administrator, so that the program prints a link to create one. */
  withoutAdministrator?: boolean;
  /** Other settings, such as `sessions.proof_s=2`. */
  settings?: string[];
}

export class Bank {
  readonly #directory = mkdtempSync(join(tmpdir(), 'jangbu-e2e-'));
  #child: ChildProcess | null = null;
  #log: string[] = [];
  /** The bank's URL, the same after a restart. */
  url = '';
  /** The output of the last start. */
  printed: string[] = [];

  static async start(wanted: Wanted = {}): Promise<Bank> {
    const bank = new Bank();
    await bank.serve(wanted);
    return bank;
  }

  /** Starts the program, at the same address as before. */
  async serve({ bottleneck, demo, timeZone, withoutAdministrator, settings: others = [] }: Wanted = {}) {
    const at = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const settings = [...SETTINGS, ...others].flatMap(setting => ['--set', setting]);
    const args = ['serve', '--data', join(this.#directory, 'data'), '--listen', at, ...settings];
    if (timeZone) args.push('--set', `time_zone=${timeZone}`);
    if (bottleneck) args.push('--bottleneck', bottleneck);
    if (demo) args.push('--demo');
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('JANGBU_')));
    if (!withoutAdministrator) env.JANGBU_ADMIN_PASSWORD = PASSWORD;
    const child = spawn(PROGRAM, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.printed = [];
    createInterface(child.stderr).on('line', line => this.#log.push(line));
    await new Promise<void>((ready, fail) => {
      const gone = () => fail(new Error(`the bank did not start: ${this.#log.join('\n')}`));
      const timer = setTimeout(gone, START_MS);
      child.once('exit', gone);
      createInterface(child.stdout).on('line', line => {
        const found = /^listening on (http:\S+)/.exec(line);
        if (!found?.[1]) return this.printed.push(line);
        this.url = found[1];
        clearTimeout(timer);
        child.off('exit', gone);
        ready();
      });
    });
  }

  /** Stops the program and waits until it has exited. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL') {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const over = new Promise(resolved => child.once('exit', resolved));
    child.kill(signal);
    await over;
  }

  #run(command: string, ...args: string[]) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('JANGBU_')));
    execFileSync(PROGRAM, [command, '--data', join(this.#directory, 'data'), ...args], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  /** Backs the bank up, also while it is running. */
  backUp() {
    this.#run('backup', join(this.#directory, 'backup'));
  }

  /** Replaces the stopped bank with its backup. */
  restore() {
    rmSync(join(this.#directory, 'data'), { recursive: true });
    this.#run('restore', join(this.#directory, 'backup'));
  }

  /** Stops the program and removes the bank. */
  async close() {
    await this.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Returns a client of the API that is signed in. */
  as(username: string, password = PASSWORD): Promise<Client> {
    return Client.signIn(this.url, username, password);
  }

  /** Creates a member with an account and a balance. */
  async member(username: string, name: string, money = 0): Promise<{ client: Client; account: string }> {
    const nobody = new Client(this.url);
    await nobody.post('/members', { username, password: PASSWORD, name, email: `${username}@example.com` });
    const client = await this.as(username);
    const { number } = await client.post<{ number: string }>('/accounts', { type: 'ordinary' });
    if (money > 0) await this.deposit(number, money);
    return { client, account: number };
  }

  /** Deposits cash into an account. */
  async deposit(to: string, amount: number) {
    await (await this.as('admin')).post('/deposits', { to, amount });
  }
}

import { MEMBER_HEADER, pageMember } from './pageMember';

/**
 * The pauses before each question. When somebody signs in, the service ends the browser's previous session before the
 * browser has the new cookie, so requests in between are answered 401. The pauses cover a slow disk and a slow network.
 */
const PAUSES_MS = [100, 400, 1_500];

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

let asking: Promise<boolean> | null = null;

/**
 * Asks again who is signed in, after a response that nobody is. Covers the page meanwhile. Returns whether somebody is
 * signed in.
 *
 * @param url where the service answers who is signed in.
 */
export function isSignedInAgain(url: string): Promise<boolean> {
  asking ??= ask(url).finally(() => {
    asking = null;
  });
  return asking;
}

async function ask(url: string): Promise<boolean> {
  pageMember.setConfirmed(false);
  for (const ms of PAUSES_MS) {
    await pause(ms);
    const response = await fetch(new Request(url, { headers: { accept: 'application/json' } })).catch(() => null);
    const member = response?.headers.get(MEMBER_HEADER) ?? null;
    if (member === null) continue;
    pageMember.seen(member);
    pageMember.setConfirmed(true);
    return true;
  }
  return false;
}

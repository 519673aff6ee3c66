/**
 * The member whose page this is.
 *
 * All tabs of a browser share one session, so another member may sign in in another tab. From then on this page sends
 * and shows nothing until it is reloaded. Every request and every response names its member, and the service rejects
 * requests in another's name.
 */

/** The header that names the member, in requests and responses. */
export const MEMBER_HEADER = 'jangbu-member';

let mine: string | null = null;
let other: string | null = null;
let isConfirmed = true;
const listeners = new Set<() => void>();

function tell(nextOther: string | null, nextConfirmed = isConfirmed) {
  if (other === nextOther && isConfirmed === nextConfirmed) return;
  other = nextOther;
  isConfirmed = nextConfirmed;
  for (const listener of listeners) listener();
}

export const pageMember = {
  /** Returns the id of the page's member, or `null` before somebody is signed in. */
  id: () => mine,
  /** Makes this the page of a member, or of nobody. */
  set(member: string | null) {
    mine = member;
    tell(null, true);
  },
  /** Returns the id of the other member who is signed in now, or `null`. */
  other: () => other,
  /** Returns whether it is known who is signed in. After a response that nobody is, it is unknown until asked again. */
  isConfirmed: () => isConfirmed,
  /** Records whether it is known who is signed in. */
  setConfirmed: (confirmed: boolean) => tell(other, confirmed),
  /** Records who is signed in according to a response. */
  seen(member: string | null) {
    if (mine !== null && member !== null) tell(member === mine ? null : member);
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

import { requestProof } from '../proof/pendingProof';
import { ApiError, connectionLost } from './apiError';
import { MEMBER_HEADER, pageMember } from './pageMember';
import { isSignedInAgain } from './signedInAgain';
import type { Problem } from './types';

const BASE = '/api/v1';

type Query = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  /** The idempotency key. */
  key?: string;
  signal?: AbortSignal;
  accept?: string;
  /** Sends the request whoever is signed in by now. */
  forAnybody?: boolean;
}

/** Returns the URL of a route with its query, without empty values. */
export function apiUrl(path: string, query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return BASE + path + (text && `?${text}`);
}

let signedOut: () => void = () => {};
let passwordDue: () => void = () => {};

/** Calls `then` whenever the service reports that nobody is signed in. */
export function onSignedOut(then: () => void) {
  signedOut = then;
}

/** Calls `then` whenever the service requires a new password or a second factor first. */
export function onPasswordDue(then: () => void) {
  passwordDue = then;
}

const isTimeout = ({ reason }: AbortSignal) => reason instanceof DOMException && reason.name === 'TimeoutError';

/**
 * Sends a request in the name of the page's member.
 *
 * @throws {ApiError} on an error response, or without a response.
 */
export function fetchApi(request: Request): Promise<Response> {
  const member = pageMember.id();
  if (member !== null) request.headers.set(MEMBER_HEADER, member);
  return answer(request);
}

/** The timeout of the repetition after a proof. The original timeout has usually passed by then. */
const AGAIN_MS = 60_000;

async function answer(request: Request, isConfirmed = false): Promise<Response> {
  // A repetition has the same idempotency key, so the service sees one request.
  const again = request.clone();
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted && !isTimeout(request.signal)) throw error;
    throw connectionLost();
  }
  pageMember.seen(response.headers.get(MEMBER_HEADER));
  if (response.ok) return response;
  const after = Number(response.headers.get('retry-after')) || null;
  const problem = (await response.json().catch(() => null)) as Problem | null;
  const failure = new ApiError(
    problem?.code ? problem : { status: response.status, code: `http_${response.status}` },
    after,
  );
  if (failure.status === 401 && failure.code === 'not_signed_in') {
    // Nothing was done. If another member is signed in now, the service rejects the repetition.
    const isRepeatable = pageMember.id() !== null && !isConfirmed;
    if (isRepeatable && (await isSignedInAgain(apiUrl('/session')))) return answer(again, true);
    signedOut();
  }
  if (failure.status === 403 && (failure.code === 'password_due' || failure.code === 'totp_due')) passwordDue();
  if (request.method !== 'GET' && failure.code === 'proof_required' && (await requestProof(failure))) {
    return answer(new Request(again, { signal: AbortSignal.timeout(AGAIN_MS) }));
  }
  throw failure;
}

function requestOf(method: string, path: string, options: RequestOptions): Request {
  const headers: Record<string, string> = { accept: options.accept ?? 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.key) headers['idempotency-key'] = options.key;
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Request(apiUrl(path, options.query), { method, headers, body, signal: options.signal });
}

/**
 * Sends a request to a route whose path is built at run time. Returns its JSON, or `undefined` for an empty response.
 */
export async function fetchJson<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const request = requestOf(method, path, options);
  const response = await (options.forAnybody ? answer(request) : fetchApi(request));
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw connectionLost();
  }
}

/** The file formats in which the service exports lists. */
export type FileKind = 'csv' | 'xlsx';

/** Downloads a list as a file and saves it as `name.kind`. */
export async function download(path: string, query: Query, name: string, kind: FileKind) {
  const response = await fetchApi(requestOf('GET', path, { query: { ...query, format: kind }, accept: '*/*' }));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = `${name}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

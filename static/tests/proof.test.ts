import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../src/api/apiError';
import { fetchApi } from '../src/api/http';
import { pendingProof, requestProof } from '../src/proof/pendingProof';
import { isFinal } from '../src/submissions/lifecycle';

const REFUSED = { status: 403, code: 'proof_required', figures: { factors: ['password', 'totp'], within_s: 300 } };

/** The keys and bodies that the service received, in order. */
const sent: string[] = [];

function service(...answers: (object | null)[]) {
  sent.length = 0;
  vi.stubGlobal('fetch', async (request: Request) => {
    sent.push(`${request.headers.get('idempotency-key')} ${await request.text()}`);
    const problem = answers.shift();
    return problem ? new Response(JSON.stringify(problem), { status: 403 }) : new Response('{}', { status: 201 });
  });
}

const order = (signal?: AbortSignal) =>
  fetchApi(
    new Request('http://bank/api/v1/transfers', {
      method: 'POST',
      headers: { 'idempotency-key': 'k' },
      body: '{"amount":5}',
      signal,
    }),
  );

/** Stands in for the dialog: answers each proof. */
function dialog(...given: boolean[]) {
  const factors: string[] = [];
  const close = pendingProof.subscribe(() => {
    const wanted = pendingProof.current();
    if (!wanted) return;
    factors.push(wanted.factors.join('+'));
    setTimeout(() => wanted.settle(given.shift() ?? false));
  });
  return { factors, close };
}

afterEach(() => vi.unstubAllGlobals());

describe('a request that needs a proof', () => {
  it('is repeated unchanged after the proof, however long that took', async () => {
    service(REFUSED, REFUSED, null);
    const { factors, close } = dialog(true, true);
    const late = new AbortController();
    const answered = order(late.signal);
    setTimeout(() => late.abort(), 1);
    expect((await answered).status).toBe(201);
    expect(factors).toEqual(['password+totp', 'password+totp']);
    expect(sent).toEqual(Array(3).fill('k {"amount":5}'));
    close();
  });

  it('is not repeated when the proof is cancelled', async () => {
    service(REFUSED);
    const { close } = dialog(false);
    await expect(order()).rejects.toMatchObject({ code: 'proof_required' });
    expect(sent).toHaveLength(1);
    close();
  });

  it('fails where no page shows the dialog', async () => {
    service(REFUSED);
    await expect(order()).rejects.toMatchObject({ code: 'proof_required' });
  });

  it('shares one dialog with other requests', async () => {
    const { factors, close } = dialog(true);
    const failure = new ApiError(REFUSED as object as { status: number; code: string });
    expect(await Promise.all([requestProof(failure), requestProof(failure)])).toEqual([true, true]);
    expect(factors).toHaveLength(1);
    close();
  });

  it('was not carried out, unless it had been sent before', () => {
    for (const code of ['proof_required', 'session_required', 'second_factor_required', 'totp_due']) {
      expect(
        [0, 1].map(before => isFinal(new ApiError({ status: 403, code }), before)),
        code,
      ).toEqual([true, false]);
    }
    expect(isFinal(new ApiError({ status: 403, code: 'not_allowed' }), 0)).toBe(false);
  });
});

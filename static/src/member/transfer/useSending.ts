import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api/client';
import type { Failure } from '../../api/problem';
import type { Attempt } from '../../send/attempt';
import { useBank } from '../session';

/** Sends an attempt, one at a time, and goes to its receipt when it is answered. */
export function useSending(then: { refused: () => void; unanswered: () => void }) {
  const { attempts } = useBank();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  // The state of a component comes too late for the second click of a double click.
  const busy = useRef(false);

  const send = async (attempt: Attempt) => {
    if (busy.current) return;
    busy.current = true;
    setSending(true);
    setFailure(null);
    const outcome = await attempts.send(attempt, api.transfer);
    busy.current = false;
    setSending(false);
    if (outcome.kind === 'answered') {
      client.setQueryData(['transfer', outcome.transfer.id, null], outcome.transfer);
      for (const key of ['accounts', 'entries', 'payees', 'transfers']) void client.invalidateQueries({ queryKey: [key] });
      void navigate(`/transfers/${outcome.transfer.id}`);
      return;
    }
    setFailure(outcome.failure);
    if (outcome.kind === 'refused') then.refused();
    else then.unanswered();
  };
  return { send, sending, failure, forget: () => setFailure(null) };
}

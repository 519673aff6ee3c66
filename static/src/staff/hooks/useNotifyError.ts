import { useNotify } from 'react-admin';
import { useProblem } from './useErrorText';

/** Tells a failure in passing. The text is translated already, and taken as it is. */
export function useTell(): (error: unknown) => void {
  const notify = useNotify();
  const problem = useProblem();
  return error => {
    const text = problem(error);
    notify(text, { type: 'error', messageArgs: { _: text } });
  };
}

import { useNotify } from 'react-admin';
import { useErrorText } from './useErrorText';

/** Tells a failure in passing. The text is translated already, and taken as it is. */
export function useNotifyError(): (error: unknown) => void {
  const notify = useNotify();
  const problem = useErrorText();
  return error => {
    const text = problem(error);
    notify(text, { type: 'error', messageArgs: { _: text } });
  };
}

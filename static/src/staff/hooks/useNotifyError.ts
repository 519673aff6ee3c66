import { useNotify } from 'react-admin';
import { useErrorText } from './useErrorText';

/** Returns a function that shows an error as a notification. Its text is already translated. */
export function useNotifyError(): (error: unknown) => void {
  const notify = useNotify();
  const problem = useErrorText();
  return error => {
    const text = problem(error);
    notify(text, { type: 'error', messageArgs: { _: text } });
  };
}

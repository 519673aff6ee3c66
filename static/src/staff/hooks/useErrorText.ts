import { ApiError, toApiError } from '../../api/apiError';
import { useLanguage } from '../../i18n/staff';

interface WithBody {
  message: string;
  body?: { code?: string; detail?: string };
}

const isWithBody = (error: unknown): error is WithBody =>
  error instanceof Error && !(error instanceof ApiError) && 'body' in error;

/** What a failure means, in the reader's language where its code is known, else in the service's words. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useLanguage();
  return error => {
    if (!error) return '';
    const { code, text } = isWithBody(error)
      ? { code: error.body?.code ?? '', text: error.body?.detail ?? error.message }
      : { code: toApiError(error).code, text: toApiError(error).message };
    return t.optional(`problem.${code}`, text);
  };
}

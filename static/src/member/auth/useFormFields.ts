import { useState } from 'react';
import { type ApiError, toApiError } from '../../api/apiError';
import { fieldText } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';

/** Codes that concern one field but do not name it. */
const FIELD_OF: Record<string, string> = { username_taken: 'username' };

/** Returns the values of a form, the props of its fields with their errors, and a function that sends it. */
export function useFormFields<Name extends string>(names: readonly Name[]) {
  const { t } = useLanguage();
  const empty = () => Object.fromEntries(names.map(name => [name, ''])) as Record<Name, string>;
  const [values, setValues] = useState(empty);
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);

  const wrongAt = (name: string) => {
    if (!failure) return null;
    const named = failure.fields.find(({ field }) => field === name);
    if (named) return fieldText(t, named);
    return FIELD_OF[failure.code] === name
      ? fieldText(t, { field: name, code: failure.code, detail: failure.message })
      : null;
  };
  const field = (name: Name, help?: string) => {
    const wrong = wrongAt(name);
    return {
      name,
      value: values[name],
      required: true,
      fullWidth: true,
      error: wrong !== null,
      disabled: busy,
      helperText: wrong ?? help,
      onChange: (event: { target: { value: string } }) =>
        setValues(before => ({ ...before, [name]: event.target.value })),
    };
  };
  /** Runs `work` and keeps its error, unless `other` handles it. */
  const send = async (work: () => Promise<void>, other: (failure: ApiError) => boolean = () => false) => {
    setBusy(true);
    setFailure(null);
    try {
      await work();
    } catch (error) {
      const found = toApiError(error);
      if (!other(found)) setFailure(found);
    }
    setBusy(false);
  };
  const isAtField = names.some(name => wrongAt(name) !== null);
  return { values, field, send, busy, failure: isAtField ? null : failure, clear: () => setValues(empty) };
}

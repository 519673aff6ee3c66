import { HttpError } from 'react-admin';
import { type ApiError, toApiError } from '../../api/apiError';

/** The form's fields for codes that concern one field but do not name it. */
const FIELDS: Record<string, string> = {
  username_taken: 'username',
  type_exists: 'code',
  type_unknown: 'type',
  type_currency: 'type',
  currency_unknown: 'currency',
  overdraft_in_use: 'overdraft',
  last_admin: 'role',
};

/** Throws an error for react-admin, with messages at the fields that the service names. */
export function throwHttpError(error: unknown): never {
  throw toHttpError(toApiError(error));
}

/** Returns a field's error in react-admin's notation: a key, with the service's own text as the fallback. */
const atField = (code: string, detail: string) =>
  `@@react-admin@@${JSON.stringify({ message: `problem.${code}`, args: { _: detail } })}`;

export function toHttpError(failure: ApiError): HttpError {
  const errors: Record<string, string> = {};
  for (const field of failure.fields) errors[field.field] = atField(field.code, field.detail);
  const field = FIELDS[failure.code];
  if (field) errors[field] = atField(failure.code, failure.message);
  const atFields = Object.keys(errors).length > 0;
  return new HttpError(failure.message, failure.status, {
    code: failure.code,
    figures: failure.figures,
    detail: failure.message,
    ...(atFields && { errors }),
  });
}

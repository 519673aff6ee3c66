import { useEffect } from 'react';

/** Redirects to the sign-in page of the members' part, which is the only one. */
export function LoginRedirect() {
  useEffect(() => location.replace('/'), []);
  return null;
}

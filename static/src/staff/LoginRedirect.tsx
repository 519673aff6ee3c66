import { useEffect } from 'react';

/** Who is not signed in as staff goes to the one door there is. */
export function LoginRedirect() {
  useEffect(() => location.replace('/'), []);
  return null;
}

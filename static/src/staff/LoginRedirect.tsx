import { useEffect } from 'react';

/** Who is not signed in as staff goes to the one door there is. */
export function Leave() {
  useEffect(() => location.replace('/'), []);
  return null;
}

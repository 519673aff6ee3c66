import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import { CARD } from './accountCardStyle';

/** A placeholder for an account that is being loaded. */
export function AccountCardSkeleton() {
  return (
    <Paper component="li" variant="outlined" sx={CARD} aria-hidden>
      <Skeleton width="40%" />
      <Skeleton width="55%" height={56} />
      <Skeleton width="90%" height={40} />
    </Paper>
  );
}

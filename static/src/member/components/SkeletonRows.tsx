import Box from '@mui/material/Box';
import Skeleton from '@mui/material/Skeleton';

/** Placeholders for rows that are being loaded, of the same height. */
export function SkeletonRows({ count, height = 64 }: { count: number; height?: number }) {
  return (
    <Box aria-hidden sx={{ px: { xs: 2, sm: 3 } }}>
      {Array.from({ length: count }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholder rows have no identity
        <Box key={row} sx={{ height, display: 'flex', alignItems: 'center', justifyContent: 'space-between' }}>
          <Skeleton width={`${38 - (row % 3) * 7}%`} />
          <Skeleton width="18%" />
        </Box>
      ))}
    </Box>
  );
}

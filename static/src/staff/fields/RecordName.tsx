import Box from '@mui/material/Box';
import type { ReactNode } from 'react';

/** A name of any length, cut off at the column's width. */
export const RecordName = ({ children }: { children: ReactNode }) => (
  <Box
    component="span"
    sx={{
      display: 'inline-block',
      maxWidth: 220,
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      verticalAlign: 'bottom',
    }}
  >
    {children}
  </Box>
);

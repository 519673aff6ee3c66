import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

/** A placeholder for an empty list, with an action. */
export function EmptyState({ title, children, action }: { title?: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Box sx={{ px: 3, py: 5, textAlign: 'center' }}>
      {title && (
        <Typography variant="h3" component="p" gutterBottom>
          {title}
        </Typography>
      )}
      <Typography color="textSecondary" variant="body2" sx={{ maxWidth: '40ch', mx: 'auto' }}>
        {children}
      </Typography>
      {action && <Box sx={{ mt: 2.5 }}>{action}</Box>}
    </Box>
  );
}

export const CARD = {
  display: 'flex',
  flexDirection: 'column',
  p: { xs: 2, sm: 2.5 },
  gap: 2,
  minHeight: 268,
  boxSizing: 'border-box',
} as const;

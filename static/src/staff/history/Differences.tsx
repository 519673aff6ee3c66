import Box from '@mui/material/Box';
import { useTranslate } from 'react-admin';
import { type Change, differences } from './difference';

/** What changed: `name: before → after`. */
export function Differences({ change }: { change: Pick<Change, 'before' | 'after' | 'object'> }) {
  const t = useTranslate();
  const found = differences(change);
  if (found.length === 0) return null;
  return (
    <Box component="span" sx={{ display: 'inline-flex', flexWrap: 'wrap', columnGap: 1.5, '& del': { color: 'text.secondary' }, '& ins': { textDecoration: 'none', fontWeight: 600 } }}>
      {found.map(({ name, before, after }) => (
        <Box component="span" key={name} sx={{ overflowWrap: 'anywhere' }}>
          <Box component="span" sx={{ color: 'text.secondary' }}>{t(`resources.${change.object.replace('_', '-')}s.fields.${name}`, { _: name })} </Box>
          {before !== null && <><del>{before}</del> → </>}
          {after === null ? '–' : <ins>{after}</ins>}
        </Box>
      ))}
    </Box>
  );
}

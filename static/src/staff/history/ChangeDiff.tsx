import Box from '@mui/material/Box';
import { useLocale, useTranslate } from 'react-admin';
import { formatExactTime } from '../../format/dates';
import { useTimeZone } from '../hooks/useBankMeta';
import { type Change, differences } from './differences';

/** What changed: `name: before → after`. */
export function ChangeDiff({ change }: { change: Pick<Change, 'before' | 'after' | 'object'> }) {
  const t = useTranslate();
  const zone = useTimeZone();
  const locale = useLocale() === 'ko' ? 'ko' : 'en';
  // Money that moves is about an account, in the words of a movement.
  const field = (name: string) =>
    t(`resources.${change.object.replace('_', '-')}s.fields.${name}`, {
      _: t(`resources.transfers.fields.${name}`, { _: name }),
    });
  const word = (name: string, value: string | boolean) =>
    typeof value === 'boolean'
      ? t(`ra.boolean.${value}`)
      : name === 'role'
        ? t(`staff.role.${value}`, { _: value })
        : t(`staff.told.${value}`, { _: value });
  const found = differences(change, { field, moment: at => formatExactTime(at, zone, locale), word });
  if (found.length === 0) return null;
  return (
    <Box
      component="span"
      sx={{
        display: 'inline-flex',
        flexWrap: 'wrap',
        columnGap: 1.5,
        '& del': { color: 'text.secondary' },
        '& ins': { textDecoration: 'none', fontWeight: 600 },
      }}
    >
      {found.map(({ name, before, after }) => (
        <Box component="span" key={name} sx={{ overflowWrap: 'anywhere' }}>
          <Box component="span" sx={{ color: 'text.secondary' }}>
            {field(name)}{' '}
          </Box>
          {before !== null && (
            <>
              <del>{before}</del> →{' '}
            </>
          )}
          {after === null ? '–' : <ins>{after}</ins>}
        </Box>
      ))}
    </Box>
  );
}

import Box from '@mui/material/Box';
import { useTranslate } from 'react-admin';
import { shown } from '../../format/accountNumber';
import { figures } from '../../theme';
import { To } from '../fields/fields';
import { Card } from '../record/Card';
import { Rows } from '../record/SimpleTable';
import type { Reading } from './useEngineReadings';

/** The accounts that most records touch, as ways to their actors. */
export function Hottest({ hottest }: { hottest: Reading['hottest'] | undefined }) {
  const t = useTranslate();
  const most = Math.max(1, ...(hottest ?? []).map(one => one.per_s));
  return (
    <Card title={t('engine.hottest')} flush>
      <Rows
        label={t('engine.hottest')}
        rows={hottest ?? []}
        keyOf={one => one.number}
        empty={t('engine.quiet')}
        columns={[
          {
            name: t('engine.number'),
            value: one => <To to={`/engine/actors/${encodeURIComponent(one.number)}`}>{shown(one.number)}</To>,
          },
          {
            name: t('engine.share'),
            value: one => (
              <Box
                aria-hidden
                sx={{
                  height: 6,
                  minWidth: 2,
                  borderRadius: 3,
                  bgcolor: 'primary.main',
                  width: Math.round((one.per_s / most) * 140),
                }}
              />
            ),
          },
          {
            name: t('engine.per_s'),
            right: true,
            value: one => (
              <Box component="span" sx={figures}>
                {one.per_s.toLocaleString('en')}
              </Box>
            ),
          },
        ]}
      />
    </Card>
  );
}

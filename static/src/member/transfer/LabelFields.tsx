import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import { useLanguage } from '../../i18n/member';
import { clipLabel, LONGEST } from './clipLabel';

interface Labels {
  mine: string;
  theirs: string;
}

/** The labels for both statements. */
export function LabelFields({ value, onChange }: { value: Labels; onChange: (value: Labels) => void }) {
  const { t } = useLanguage();
  const help = (text: string) => t('transfer.labelHelp', { used: [...text].length, most: LONGEST });
  return (
    <Box
      role="group"
      aria-label={t('transfer.labels')}
      sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: 'repeat(2, minmax(0, 1fr))' }, gap: 2 }}
    >
      <TextField
        name="sender_label"
        label={t('transfer.senderLabel')}
        value={value.mine}
        helperText={help(value.mine)}
        autoComplete="off"
        onChange={event => onChange({ ...value, mine: clipLabel(event.target.value) })}
      />
      <TextField
        name="receiver_label"
        label={t('transfer.receiverLabel')}
        value={value.theirs}
        helperText={help(value.theirs)}
        autoComplete="off"
        onChange={event => onChange({ ...value, theirs: clipLabel(event.target.value) })}
      />
    </Box>
  );
}

import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import { useLayoutEffect, useRef } from 'react';
import { formatPartialAccountNumber, normalizeAccountNumber } from '../../format/accountNumber';
import { caretPosition } from '../../format/caret';
import { errorText } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';
import type { MemberKey, Translate } from '../../i18n/translate';
import { tabularNumbers } from '../../theme';
import { payeeName } from './payeeName';
import { RecentPayees } from './RecentPayees';
import type { PayeeLookup } from './usePayee';

interface Props {
  value: string;
  onChange: (number: string) => void;
  found: PayeeLookup;
  error: string | null;
  /** The sender's account, which is not offered as a payee. */
  without: string;
}

const isPart = (character: string) => /[0-9A-Za-z]/.test(character);

/** The payee's account number with its owner's name, and recent payees. */
export function PayeeField({ value, onChange, found, error, without }: Props) {
  const { t } = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const caretPositionRef = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies(value): the caret is set after the field shows the new value
  useLayoutEffect(() => {
    if (caretPositionRef.current !== null)
      input.current?.setSelectionRange(caretPositionRef.current, caretPositionRef.current);
    caretPositionRef.current = null;
  }, [value]);
  const isWrong = Boolean(error) || found.unknown || found.mistyped;
  return (
    <Box>
      <TextField
        fullWidth
        name="to"
        label={t('transfer.to')}
        value={formatPartialAccountNumber(value)}
        autoComplete="off"
        error={isWrong}
        inputRef={input}
        helperText={error ?? helperTextOf(t, found)}
        onChange={event => {
          const next = normalizeAccountNumber(event.target.value);
          caretPositionRef.current = caretPosition(
            event.target.value,
            event.target.selectionStart ?? event.target.value.length,
            formatPartialAccountNumber(next),
            isPart,
          );
          onChange(next);
        }}
        slotProps={{
          htmlInput: { inputMode: 'numeric', maxLength: 26, spellCheck: false },
          input: { sx: tabularNumbers },
          formHelperText: {
            'aria-live': 'polite',
            sx: found.payee && !error ? { color: 'success.main', fontWeight: 600 } : undefined,
          },
        }}
      />
      <RecentPayees chosen={value} onChoose={onChange} without={without} />
    </Box>
  );
}

function helperTextOf(t: Translate<MemberKey>, found: PayeeLookup): string {
  if (found.mistyped) return t('transfer.mistyped');
  if (found.unknown) return t('transfer.unknownPayee');
  if (found.error) return errorText(t, found.error);
  if (found.looking) return t('transfer.looking');
  return found.payee ? payeeName(t, found.payee) : t('transfer.toHelp');
}

import VisibilityOff from '@mui/icons-material/VisibilityOffOutlined';
import Visibility from '@mui/icons-material/VisibilityOutlined';
import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import TextField, { type TextFieldProps } from '@mui/material/TextField';
import { useState } from 'react';
import { useLanguage } from '../i18n/shared';

/** A password field with a button that shows what is typed. */
export function PasswordField(props: TextFieldProps) {
  const { t } = useLanguage();
  const [visible, setVisible] = useState(false);
  const toggle = (
    <InputAdornment position="end">
      <IconButton
        edge="end"
        onClick={() => setVisible(!visible)}
        aria-label={t(visible ? 'credentials.hide' : 'credentials.show')}
      >
        {visible ? <VisibilityOff /> : <Visibility />}
      </IconButton>
    </InputAdornment>
  );
  return (
    <TextField
      fullWidth
      type={visible ? 'text' : 'password'}
      {...props}
      slotProps={{ input: { endAdornment: toggle } }}
    />
  );
}

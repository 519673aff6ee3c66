/** Fields for passwords and codes. */
export const credentials = {
  'credentials.password': 'Password',
  'credentials.show': 'Show password',
  'credentials.hide': 'Hide password',
  'credentials.totp': 'Code from your authenticator app',
  'credentials.recoveryCode': 'Recovery code',
} as const;

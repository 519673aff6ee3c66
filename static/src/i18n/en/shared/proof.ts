export const proof = {
  'proof.title': 'Confirm that it is you',
  'proof.words': 'Enter your password once more. What you were doing then goes on.',
  'proof.wordsBoth': 'Enter your password and a code once more. What you were doing then goes on.',
  'proof.confirm': 'Confirm',
  'proof.useRecovery': 'Use a recovery code instead',
  'proof.useTotp': 'Use the authenticator app instead',
} as const;

export const proof = {
  'proof.title': 'Confirm that it is you',
  'proof.words': 'Enter your password once more to continue.',
  'proof.wordsBoth': 'Enter your password and a code once more to continue.',
  'proof.confirm': 'Confirm',
  'proof.useRecovery': 'Use a recovery code instead',
  'proof.useTotp': 'Use the authenticator app instead',
} as const;

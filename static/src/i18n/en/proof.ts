export const proof = {
  'proof.title': 'Confirm that it is you',
  'proof.words': 'Enter your password once more. What you were doing then goes on.',
  'proof.wordsBoth': 'Enter your password and a code once more. What you were doing then goes on.',
  'proof.confirm': 'Confirm',
  'proof.useRecovery': 'Use a recovery code instead',
  'proof.useTotp': 'Use the authenticator app instead',
  'proof.factorDue': 'Set up a second factor',
  'proof.factorDueLead':
    'The bank requires one for your role. Until it is set up you can do nothing else. You need an authenticator app on your phone.',
  'proof.factorBegin': 'Begin',
} as const;

/** The page of one member while another is signed in. */
export const identity = {
  'identity.title': '{name} is signed in now',
  'identity.nameless': 'Another member is signed in now',
  'identity.words':
    'This page belongs to the member who opened it. Nothing more is sent from it. Reload it to continue as the member who is signed in.',
  'identity.reload': 'Reload the page',
  'identity.unconfirmed': 'Checking who is signed in',
} as const;

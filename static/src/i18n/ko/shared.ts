import type { shared as english } from '../en/shared';
import type { Text } from '../translate';
import { common } from './shared/common';
import { credentials } from './shared/credentials';
import { errors } from './shared/errors';
import { identity } from './shared/identity';
import { proof } from './shared/proof';
import { submissions } from './shared/submissions';

export const shared: Record<keyof typeof english, Text> = {
  ...common,
  ...credentials,
  ...errors,
  ...identity,
  ...proof,
  ...submissions,
};

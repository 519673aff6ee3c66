/** Texts of what both parts use. */
import { common } from './shared/common';
import { credentials } from './shared/credentials';
import { errors } from './shared/errors';
import { identity } from './shared/identity';
import { proof } from './shared/proof';
import { submissions } from './shared/submissions';

export const shared = { ...common, ...credentials, ...errors, ...identity, ...proof, ...submissions };

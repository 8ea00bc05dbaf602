import { type Config, config } from 'openpgp';
import { PGP_CONFIG } from './pgp-config.ts';

/** Methods of keys take the whole configuration, functions of the library only what differs. */
export const FULL_CONFIG: Config = { ...config, ...PGP_CONFIG };

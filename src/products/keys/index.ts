// Product: OpenPGP keys, as pages and programs see them: the recipients' keys with their trust, the organisation's own, and
// the Web Key Directory that publishes it. Owns no table: the keyring does, with the rules of trust.
export { type KeyRoutePorts, keyRoutes } from './routes.ts';

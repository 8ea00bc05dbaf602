// Product: settings of the text channel. In: where texts are handed over (an organisation's own gateway, or the
// installation's), whether notices go as texts too; out: those settings without the secret, and a test text. Owns no table:
// gateways are platform/text's, the switch is the organisation's.
export { type TextRoutePorts, textRoutes } from './routes.ts';

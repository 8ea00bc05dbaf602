// Product: inbound mail. In: which of its own mail servers an organisation names for its domains; out: whose mail a domain's
// is, and where it goes. Owns inbound_host. Changes are on record; what comes in is the record's, as all messages are.
export { createInbound, type Inbound } from './inbound.ts';
export type { InboundHostRow } from './inbound-host.store.ts';
export { type InboundRoutePorts, inboundRoutes } from './routes.ts';

// Product: certificates for S/MIME. In: what people upload; out: what stands in the keyring and what it is worth now.
// Owns no table (the keyring does). Every look at recipients' certificates and every change is on record.
export { learnFromSignedMail } from './learn.ts';
export type { CertificatePorts, SignedMail } from './ports.ts';
export { certificateRoutes } from './routes.ts';

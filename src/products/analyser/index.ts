// Product: the transmission analyser (TA). In: a message's raw header, or the name of a recipient domain; out: what can be said
// of each leg's encryption, or of the domain's mail servers and what Sealpost would do. Owns no table: nothing is kept
// but an audit entry without content.
export {
  checkDomain,
  type DaneFinding,
  type DomainReport,
  type MtaStsFinding,
  type PathChecks,
} from './check-domain.ts';
export { type AnalyserPorts, analyserRoutes } from './routes.ts';

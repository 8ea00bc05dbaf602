// Room: runtime. Configuration (the only reader of the environment), log, clock, ids, secrets, durable names, threads,
// worded messages.
export { answerTasks } from './answer-tasks.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  type Config,
  ConfigProblem,
  type Environment,
  loadConfig,
  processEnvironment,
  type Role,
  type RootKeyConfig,
  type SmartHostConfig,
  type TlsFiles,
} from './config.ts';
export { type Overrides, VARIABLES } from './config-variables.ts';
export { fileErrorCode, flushDirectory } from './files.ts';
export { idFloor, idTime, newId } from './ids.ts';
export {
  createLogger,
  describeFault,
  type LogField,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  silentLogger,
} from './logger.ts';
export {
  type Catalogue,
  defineCatalogue,
  type Locale,
  type MessageParams,
  nearestLocale,
  registeredCodes,
  type Worded,
  word,
} from './messages.ts';
export { constantTimeEqual, randomDigits, randomToken } from './secret.ts';
export { createThreads, ThreadFault, type Threads, ThreadsBusy } from './threads.ts';
export { SERVER_CIPHERS, VERIFIED_PEER_CIPHERS } from './tls-ciphers.ts';
